"""What would Facebook do? A small Graph API that keeps its contract, for tests and for the demonstration town.

It knows one page. What visitors write becomes webhooks, signed as Meta signs them; what the town sends is judged by
Meta's windows and answered by Meta's errors. Nothing here talks to Facebook.
"""

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from gru.channels.facebook.signature import sign

PAGE = "100200300400500"
TOKEN = "jeton-de-demonstration"
APP = "424242424242424"
VERIFY = "mot-de-demonstration"
POST = f"{PAGE}_900100200300"
STANDARD, HUMAN = timedelta(hours=24), timedelta(days=7)
LONGEST = 2000

Deliver = Callable[[bytes, str], None]
"""Takes a webhook's body and its signature."""

Values = dict[str, Any]


@dataclass
class Answer:
    status: int
    body: Values
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Comment:
    id: str
    post: str
    parent: str
    author: str
    name: str
    message: str
    at: datetime
    answered: bool = False


@dataclass
class Said:
    """One message of a conversation; `metadata` and `tag` as the town gave them."""

    mid: str
    person: str
    by_page: bool
    text: str
    at: datetime
    metadata: str = ""
    tag: str = ""


def error(status: int, code: int, subcode: int = 0, **headers: str) -> Answer:
    """As the Graph API says no."""
    said: Values = {"message": f"(#{code}) refused", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    if subcode:
        said["error_subcode"] = subcode
    return Answer(status, {"error": said}, {name.replace("_", "-"): value for name, value in headers.items()})


class FakeGraph:
    """`deliver` gets every webhook; `says` is the answer to every call until it is cleared."""

    def __init__(
        self,
        *,
        secret: str,
        deliver: Deliver,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        name: str = "Ville de Val-des-Tilleuls",
    ) -> None:
        self.name = name
        self.comments: dict[str, Comment] = {}
        self.posts: dict[str, Comment] = {}
        self.talks: dict[str, list[Said]] = {}
        self.names: dict[str, str] = {}
        self.there: dict[str, datetime] = {}
        self.profiles: dict[str, Values] = {}
        self.calls: list[tuple[str, str, Values]] = []
        self.says: Answer | None = None
        self._secret = secret
        self._deliver = deliver
        self._now = now
        self._number = 700_100_200_300
        self._lock = threading.RLock()

    # --- what visitors do ------------------------------------------------------------------------------------------

    def comment(self, name: str, message: str, parent: str = POST, *, person: str = "") -> str:
        """Somebody comments on the page's post; the id of his comment."""
        comment = self._new_comment(parent, person or self.known(name), name, message)
        self._tell_feed(self._feed_value(comment))
        return comment.id

    def publish(self, name: str, message: str) -> str:
        """Somebody writes on the page itself."""
        with self._lock:
            post = Comment(f"{PAGE}_{self._next()}", "", "", self.known(name), name, message, self._now())
            self.posts[post.id] = post
        value = {"item": "post", "verb": "add", "post_id": post.id, "published": 1, "message": message}
        self._tell_feed({**value, "from": {"id": post.author, "name": name}, "created_time": _seconds(post.at)})
        return post.id

    def write(self, name: str, text: str) -> str:
        """Somebody writes to the page in private; the message's id."""
        person = self.known(name)
        said = self._say(person, text, by_page=False)
        self._tell_messaging(person, PAGE, said, {"mid": said.mid, "text": text})
        return said.mid

    def be_there(self, name: str, **how: Values) -> None:
        """He presses a button (`postback`), reacts (`reaction`), or sends a thumb: no word, but the window opens."""
        person, at = self.known(name), int(self._now().timestamp() * 1000)
        self.there[person] = self._now()
        thumb = {"type": "sticker", "payload": {"url": "https://scontent.fbcdn.net/thumb.png", "sticker_id": 1}}
        said = how or {"message": {"mid": f"m_Fictif-{self._next()}", "attachments": [thumb]}}
        event = {"sender": {"id": person}, "recipient": {"id": PAGE}, "timestamp": at, **said}
        self._tell({"id": PAGE, "time": at, "messaging": [event]})

    def answer_elsewhere(self, name: str, text: str) -> str:
        """The mayor answers in Meta's own inbox."""
        person = self.known(name)
        said = self._say(person, text, by_page=True)
        echo = {"mid": said.mid, "is_echo": True, "app_id": 263902037430900, "text": text}
        self._tell_messaging(PAGE, person, said, echo)
        return said.mid

    def receives(self, name: str) -> None:
        """Everything said to him so far reaches his telephone."""
        self._tell_reached(name, "delivery")

    def reads(self, name: str) -> None:
        self._tell_reached(name, "read")

    def edit(self, id: str, message: str) -> None:
        comment = self.comments[id]
        comment.message = message
        self._tell_feed({**self._feed_value(comment), "verb": "edited"})

    def remove(self, id: str) -> None:
        value = {**self._feed_value(self.comments.pop(id)), "verb": "remove"}
        self._tell_feed({name: said for name, said in value.items() if name != "message"})

    def known(self, name: str) -> str:
        self.names[self.id_of(name)] = name
        return self.id_of(name)

    @staticmethod
    def id_of(name: str) -> str:
        """The same name is the same person."""
        return str(10**12 + int.from_bytes(hashlib.sha256(name.encode()).digest()[:5], "big"))

    # --- what the town asks ----------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, values: Values) -> Answer:
        """`path` without its version, such as `100200300400500/messages`."""
        with self._lock:
            self.calls.append((method, path, values))
            if self.says is not None:
                return self.says
            if values.get("access_token") != TOKEN:
                return error(400, 190)
            match method, path.split("/"):
                case "POST", [page, "messages"] if page == PAGE:
                    return self._messages(values)
                case "POST", [id, "comments"]:
                    return self._comments(id, values)
                case "POST", [page, "subscribed_apps"] if page == PAGE:
                    return Answer(200, {"success": "true"})
                case "GET", [page, "feed"] if page == PAGE:
                    return Answer(200, self._feed())
                case "GET", ["me"]:
                    return Answer(200, {"id": PAGE})
                case "GET", [person] if person in self.names:
                    return Answer(200, self.profiles.get(person) or {"id": person, "name": self.names[person]})
                case "GET", [page, "conversations"] if page == PAGE:
                    return Answer(200, self._conversations())
            return error(400, 100)

    def _messages(self, values: Values) -> Answer:
        recipient, message = values.get("recipient") or {}, values.get("message") or {}
        text, metadata = str(message.get("text", "")), str(message.get("metadata", ""))
        if not text or len(text) > LONGEST or len(metadata) > 1000:
            return error(400, 100)
        if answered := recipient.get("comment_id") or recipient.get("post_id"):
            return self._private_reply(str(answered), text, metadata)
        person, tag = str(recipient.get("id", "")), str(values.get("tag", ""))
        heard = [said.at for said in self.talks.get(person, []) if not said.by_page]
        heard += [self.there[person]] if person in self.there else []
        if not heard:
            return error(400, 100, 2018001)
        window = HUMAN if (values.get("messaging_type"), tag) == ("MESSAGE_TAG", "HUMAN_AGENT") else STANDARD
        if self._now() > max(heard) + window:
            return error(400, 10, 2018278)
        return self._sent(person, text, metadata, tag)

    def _private_reply(self, id: str, text: str, metadata: str) -> Answer:
        """One for each comment or post, within seven days."""
        answered = self.comments.get(id) or self.posts.get(id)
        if answered is None:
            return error(400, 100)
        if answered.answered:
            return error(400, 10900)
        if self._now() > answered.at + HUMAN:
            return error(400, 10, 2018278)
        answered.answered = True
        return self._sent(answered.author, text, metadata, "")

    def _sent(self, person: str, text: str, metadata: str, tag: str) -> Answer:
        said = self._say(person, text, by_page=True, metadata=metadata, tag=tag)
        echo = {"mid": said.mid, "is_echo": True, "app_id": int(APP), "metadata": metadata, "text": text}
        self._tell_messaging(PAGE, person, said, echo)
        return Answer(200, {"recipient_id": person, "message_id": said.mid})

    def _comments(self, parent: str, values: Values) -> Answer:
        message = str(values.get("message", ""))
        if not message or parent not in {POST, *self.comments, *self.posts}:
            return error(400, 100)
        comment = self._new_comment(parent, PAGE, self.name, message)
        self._tell_feed(self._feed_value(comment))
        return Answer(200, {"id": comment.id})

    def _feed(self) -> Values:
        posts = {POST: Comment(POST, "", "", PAGE, self.name, "", self._now()), **self.posts}
        return {"data": [self._polled_post(post) for post in posts.values()]}

    def _polled_post(self, post: Comment) -> Values:
        comments = [
            {**_polled(comment), "parent": {"id": comment.parent}} if comment.parent != post.id else _polled(comment)
            for comment in self.comments.values()
            if comment.post == post.id
        ]
        return {**_polled(post), "comments": {"data": comments}}

    def _conversations(self) -> Values:
        return {
            "data": [
                {"id": f"t_{person}", "messages": {"data": [_polled_message(one) for one in reversed(said)]}}
                for person, said in self.talks.items()
            ]
        }

    # --- inside ----------------------------------------------------------------------------------------------------

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _new_comment(self, parent: str, author: str, name: str, message: str) -> Comment:
        with self._lock:
            post = self.comments[parent].post if parent in self.comments else parent
            id = f"{post.partition('_')[2]}_{self._next()}"
            comment = Comment(id, post, parent, author, name, message, self._now())
            self.comments[id] = comment
            return comment

    def _say(self, person: str, text: str, *, by_page: bool, metadata: str = "", tag: str = "") -> Said:
        with self._lock:
            said = Said(f"m_Fictif-{self._next()}", person, by_page, text, self._now(), metadata, tag)
            self.talks.setdefault(person, []).append(said)
            return said

    def _feed_value(self, comment: Comment) -> Values:
        return {
            "item": "comment",
            "verb": "add",
            "comment_id": comment.id,
            "post_id": comment.post,
            "parent_id": comment.parent,
            "from": {"id": comment.author, "name": comment.name},
            "created_time": _seconds(comment.at),
            "message": comment.message,
        }

    def _tell_feed(self, value: Values) -> None:
        self._tell({"id": PAGE, "time": _seconds(self._now()), "changes": [{"field": "feed", "value": value}]})

    def _tell_messaging(self, sender: str, recipient: str, said: Said, message: Values) -> None:
        at = int(said.at.timestamp() * 1000)
        event = {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": at, "message": message}
        self._tell({"id": PAGE, "time": at, "messaging": [event]})

    def _tell_reached(self, name: str, how: str) -> None:
        at, person = int(self._now().timestamp() * 1000), self.known(name)
        event = {"sender": {"id": person}, "recipient": {"id": PAGE}, "timestamp": at, how: {"watermark": at}}
        self._tell({"id": PAGE, "time": at, "messaging": [event]})

    def _tell(self, entry: Values) -> None:
        body = json.dumps({"object": "page", "entry": [entry]}).replace("/", "\\/").encode()
        self._deliver(body, sign(self._secret, body))


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _polled(comment: Comment) -> Values:
    person = {"id": comment.author, "name": comment.name}
    return {"id": comment.id, "from": person, "message": comment.message, "created_time": _written(comment.at)}


def _polled_message(said: Said) -> Values:
    sides = [{"id": PAGE}, {"id": said.person}]
    sender, recipient = sides if said.by_page else reversed(sides)
    return {"id": said.mid, "from": sender, "to": {"data": [recipient]}, "message": said.text,
            "created_time": _written(said.at)}  # fmt: skip
