"""Pictures for the demonstration: painted, and developed as uploads are."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from random import Random

from flask import Flask, current_app
from PIL import Image, ImageOps

from app.demo.faces import autograph, portrait
from app.demo.oneself import AUTOGRAPHS, FACES, Looks
from app.demo.pictures import SCENES, paint
from app.media import Picture, develop, develop_avatar, develop_signature

PAINTINGS_PER_SCENE = 3
GROUP_SCENES = ("mountains", "city")


def photos(seed: int) -> tuple[dict[str, list[Picture]], list[Picture], Looks]:
    """Return a few pictures of every scene, the groups' square ones, and faces and signatures for people.

    One is developed while the next is painted.
    """
    studio = Studio(current_app._get_current_object(), seed)  # type: ignore[attr-defined]
    with ThreadPoolExecutor(3) as pool:
        faces, autographs = pool.map(studio.face, range(FACES)), pool.map(studio.autograph, range(AUTOGRAPHS))
        done = {scene: [pool.submit(studio.painting, scene, n) for n in range(PAINTINGS_PER_SCENE)] for scene in SCENES}
        squares = [pool.submit(studio.painting, scene, PAINTINGS_PER_SCENE, True) for scene in GROUP_SCENES]
        scenes = {scene: [photo.result() for photo in developing] for scene, developing in done.items()}
        looks = Looks(list(faces), list(autographs))
        return scenes, [square.result() for square in squares], looks


class Studio:
    """Where threads paint and develop, each thing the same for the same seed."""

    def __init__(self, app: Flask, seed: int) -> None:
        self.app = app
        self.seed = seed

    def painting(self, scene: str, number: int, square: bool = False) -> Picture:
        """Return one of a scene."""
        painting = paint(scene, self._chance(scene, number))
        if square:
            painting = ImageOps.fit(painting, (min(painting.size),) * 2)
        with self.app.app_context():
            return develop(_file(painting, "JPEG", quality=88), f"{scene}.jpg")

    def face(self, number: int) -> Picture:
        """Return somebody's photo."""
        with self.app.app_context():
            return develop_avatar(_file(portrait(self._chance("face", number)), "PNG"), "face.png")

    def autograph(self, number: int) -> Picture:
        """Return somebody's signature."""
        with self.app.app_context():
            return develop_signature(_file(autograph(self._chance("autograph", number)), "PNG"), "signature.png")

    def _chance(self, what: str, number: int) -> Random:
        return Random(f"{self.seed} {what} {number}")


def _file(image: Image.Image, kind: str, **options: int) -> BytesIO:
    file = BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file
