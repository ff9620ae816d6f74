"""What the people of the demonstration say under posts, and answer one another."""

import itertools
from datetime import datetime, timedelta
from random import Random

from app.demo.community import Community, Row
from app.demo.words import COMMENTS, REPLIES
from app.extensions import Base
from app.models import Comment, CommentLike

COMMENTED = 0.35  # of all posts
TALKED_ABOUT = (0.5, 0.8, 0.97)  # how far into the years the posts stand of which everybody speaks


class Voices:
    """Comments as they come, post after post, each with a number of its own; chance apart from all other chance."""

    def __init__(self, community: Community, seed: int) -> None:
        self.community = community
        self.random = Random(seed)
        self.numbers = itertools.count(1)
        self.famous = (
            {max(1, int(community.posts * share)) for share in TALKED_ABOUT} if community.posts > 100 else set()
        )

    def comment(self, batch: dict[type[Base], list[Row]], post_id: int, moment: datetime) -> int:
        """Put the comments under a post into the batch, and return how many they are."""
        random, rows = self.random, batch[Comment]
        count, first = self._how_many(post_id), None
        while_new = min(self.community.until - moment, timedelta(days=9))
        for share in sorted(random.random() ** 2 for _ in range(count)):
            answers = first["id"] if first is not None and random.random() < 0.4 else None
            row = self._said(post_id, answers, moment + while_new * share)
            rows.append(row)
            batch[CommentLike] += self._likes(row)
            if first is None or answers is None:
                first = row
            else:
                first["reply_count"] += 1
        return count

    def _how_many(self, post_id: int) -> int:
        if post_id in self.famous:
            return self.random.randrange(250, 500)
        return min(12, int(self.random.paretovariate(1.3))) if self.random.random() < COMMENTED else 0

    def _said(self, post_id: int, parent_id: int | None, moment: datetime) -> Row:
        author, number = self.random.randrange(1, self.community.users + 1), next(self.numbers)
        words = COMMENTS if parent_id is None else REPLIES
        return {
            "id": number,
            "post_id": post_id,
            "author_id": author,
            "parent_id": parent_id,
            "client_id": f"demo-{number}",
            "body": self.random.choice(words[self.community.languages[author]]),
            "created_at": moment,
            "like_count": 0,
            "reply_count": 0,
        }

    def _likes(self, comment: Row) -> list[Row]:
        people = range(1, self.community.users + 1)
        likers = self.random.sample(people, min(len(people), int(5 * self.random.random() ** 3)))
        comment["like_count"] = len(likers)
        moment = comment["created_at"]
        return [{"comment_id": comment["id"], "user_id": liker, "created_at": moment} for liker in likers]
