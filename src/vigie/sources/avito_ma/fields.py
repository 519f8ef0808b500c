"""Blanking what fields name in decoded JSON: sellers, phones, and numbers in people's texts."""

import re
from typing import Any
from urllib.parse import urlsplit

from .secrets import MARK, Secrets, blank_numbers

_KEPT_OF_SELLER = frozenset({
    "__typename", "@type", "type", "isVerifiedSeller", "isEcommerce", "numberOfActiveAds",
})  # fmt: skip
_SELLER_KEYS = frozenset({"seller", "sellerinfo", "store", "shop", "owner", "offeredby", "author"})
_SELLER_TYPES = frozenset({"StoreProfile", "PrivateProfile", "Person"})
_PHONE_KEYS = frozenset({
    "phone", "phonenumber", "adphonenumber", "telephone", "tel", "mobile", "whatsapp",
    "whatsappnumber", "userphone", "phoneimageurl", "contactphone", "sellerphone",
})  # fmt: skip
_NAME_KEYS = frozenset({"sellername", "storename", "shopname", "username", "contactname"})
_OTHER_KEYS = frozenset({"email", "useremail", "sellerid", "sellerslug", "sellerurl"})
_TEXT_KEYS = frozenset({"subject", "description", "title", "body", "label", "adname"})
_SHOWN_KEYS = frozenset({"location", "formatted", "trackingvalue", "trackingname"})
_PLACE_PARTS = frozenset({"city", "area", "category", "parent", "type", "adtype"})

_NESTED = re.compile(
    r'(?P<key>(?<!\\)\\*+"(?:(?P<phone>(?:ad_|user_|seller_)?phone(?:_?[nN]umber)?)'
    r'|(?P<name>(?:seller|user|store|shop)_?[nN]ame)|seller_?[iI]d|user_?[eE]mail)\\*"\s*:\s*)'
    r'(?:(?P<quote>\\{0,31}")(?P<value>(?:(?!(?P=quote)).)+?)(?P=quote)|(?P<number>\d+))',
    re.S,
)


def blank_fields(tree: Any, secrets: Secrets) -> int:
    """Blank fields by their names in *tree*, in place, and remember what they held."""
    count = 0
    stack: list[Any] = [tree]
    while stack:
        here = stack.pop()
        if isinstance(here, list):
            stack.extend(here)
            continue
        if not isinstance(here, dict):
            continue
        if here.get("__typename") in _SELLER_TYPES or here.get("@type") == "Person":
            count += _blank_seller(here, secrets)
            continue
        for key, value in here.items():
            plain = key.lower().replace("_", "").replace("-", "")
            if plain in _SELLER_KEYS and isinstance(value, dict):
                if isinstance(name := value.get("name"), str):
                    secrets.ads.append((" ".join(name.split()), here))
                count += _blank_seller(value, secrets)
            elif plain in _PHONE_KEYS | _NAME_KEYS | _OTHER_KEYS:
                if _told(value):
                    _learn(plain, value, secrets)
                    here[key] = None
                    count += 1
            elif isinstance(value, str):
                here[key], found = _text(plain, value, secrets)
                count += found
            elif isinstance(value, dict | list):
                if plain in _PLACE_PARTS and isinstance(value, dict):
                    secrets.shown.update(
                        text.casefold() for text in value.values() if isinstance(text, str)
                    )
                stack.append(value)
    return count


def _text(key: str, value: str, secrets: Secrets) -> tuple[str, int]:
    if key in _SHOWN_KEYS:
        secrets.shown.add(value.casefold())
        secrets.shown.update(part.strip().casefold() for part in value.split(","))
    count = 0
    if key in _TEXT_KEYS:
        value, count = blank_numbers(value, secrets)
    if "_name" in value or "hone" in value:
        value, nested = blank_nested(value, secrets)
        count += nested
    return value, count


def _blank_seller(seller: dict[str, Any], secrets: Secrets) -> int:
    """Keep of a seller only what kind of seller it is."""
    count = 0
    for key, value in seller.items():
        if key in _KEPT_OF_SELLER or not _told(value):
            continue
        _learn(key.lower().replace("_", ""), value, secrets)
        seller[key] = None
        count += 1
    return count


def _told(value: Any) -> bool:
    """Whether a field holds something to blank; flags (true, false) do not."""
    return value not in (None, "", MARK, [], {}) and not isinstance(value, bool)


def _learn(key: str, value: Any, secrets: Secrets) -> None:
    if isinstance(value, dict):
        for part in value.values():
            if _told(part):  # only phones and texts: a seller's category has a name too
                _learn("phone" if key in _PHONE_KEYS else "text", part, secrets)
    elif key in _PHONE_KEYS and not isinstance(value, list):
        secrets.learn_phone(str(value))
    elif not isinstance(value, str):
        return
    elif key == "name" or key in _NAME_KEYS:
        secrets.learn_name(value)
    elif "email" in key or (value.startswith(("http://", "https://")) and _own(value)):
        secrets.addresses.add(value)
    else:
        blank_numbers(value, secrets)


def _own(address: str) -> bool:
    """Whether *address* leads to one seller rather than to the site."""
    parts = urlsplit(address)
    return bool(parts.path.strip("/")) or not (parts.hostname or "").endswith("avito.ma")


def blank_nested(text: str, secrets: Secrets) -> tuple[str, int]:
    """Blank named fields in JSON that stands inside a text, its quotes escaped or not."""
    count = 0

    def gone(found: re.Match[str]) -> str:
        nonlocal count
        value = found["value"] or found["number"]
        count += 1
        if found["phone"]:
            secrets.learn_phone(value)
        elif found["name"]:
            secrets.learn_name(value)
        return f"{found['key']}null"

    return _NESTED.sub(gone, text), count
