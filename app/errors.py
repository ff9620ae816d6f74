"""A broken rule, told to the person who met it."""


class Refused(Exception):
    """What was asked breaks a rule; ``sentence`` says which, in the person's language.

    ``field`` names the form field the sentence stands beside, if there is one.
    """

    def __init__(self, sentence: str, field: str | None = None, status: int = 422) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        self.status = status
