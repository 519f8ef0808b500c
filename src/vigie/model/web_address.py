"""One address per page: without tracking, visit tokens, credentials and spelling variants.

An own thin function over `urllib.parse`: courlan was considered, but it also judges pages (it
returns nothing for addresses it takes for navigation) and drops parameters that are ids here.
"""

import re
from functools import lru_cache
from urllib.parse import quote, unquote_plus, urlsplit

from vigie.model.storable import drop_unstorable

# Parameters that say who sent the visitor, or which visit it is; never which page it is.
_TRACKING = """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh mibextid
    li_fat_id mc_cid mc_eid mkt_tok vero_id vero_conv oly_anon_id oly_enc_id rb_clickid s_cid
    _hsenc _hsmi hsctatracking __hssc __hstc __hsfp _openstat _ga _gl _branch_match_id ref
    ref_src ref_url referrer referer refid trackingid trk trkinfo trkcampaign lipi
    origin_tracking src_tracking gh_src lever-source lever-source[] lever-origin ss_source
    source_tracking cmpid cmp campaignid adgroupid adid_click clickid click_id aff aff_id
    affiliate spm scm share_id shareid jobboard_source rx_source rx_campaign rx_medium rx_job
    rx_group rx_r rx_ts rx_vp rx_p rx_viewer rx_cid rx_ch rx_id rx_a rx_c rx_jobid pgid pagenum
    position_tracking xkcb xpse xfps vjs alid advn adurl from_serp tk qd astse assa bb camk
    vjfrom sid sessionid session_id session phpsessid jsessionid aspsessionid cfid cftoken zenid
    nonce timestamp cachebuster cb_tracking _t _ts ts visit visitid visit_id visitor
"""
TRACKING = frozenset(_TRACKING.split())
TRACKING_STARTS = ("utm_", "pk_", "mtm_", "matomo_", "piwik_", "hsa_", "at_", "ns_", "oft_", "wt_")

PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?;]*", re.I)
DEFAULT_PORTS = {"http": 80, "https": 443}
KEPT_IN_PATH = "/%:@!$&'()*+,;=~"
KEPT_IN_QUERY = "/?%:@!$'()*,;=&+[]~"
# Most addresses are canonical already: nothing to parse.
CANONICAL = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+/[A-Za-z0-9/_.~!$'()*+,@:-]*")
SAFE_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")
ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
BARE_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")


def _escaped(part: str, keep: str) -> str:
    """Return *part* with what RFC 3986 does not allow written as %XX, in upper case."""
    if "%" in part:
        part = ESCAPE.sub(lambda found: found.group().upper(), BARE_PERCENT.sub("%25", part))
    return quote(part, safe=keep, errors="ignore")


@lru_cache(maxsize=4096)
def _host(name: str) -> str | None:
    """Return a host in ASCII; None when it cannot be one."""
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return name if SAFE_HOST.fullmatch(name) else None


def _is_tracking(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    if "%" in name or "+" in name:
        name = unquote_plus(name)
    return name in TRACKING or name.startswith(TRACKING_STARTS)


def canonical_url(shown: str | None) -> str | None:
    """Return the canonical form of an address; None when it is not absolute http or https.

    Scheme and host in lower case, no default port, no credentials, no fragment (but ``#/`` and
    ``#!`` ones, which name pages), characters escaped as RFC 3986 asks, parameters in their order
    without those of `TRACKING`.
    """
    if shown is None:
        return None
    if CANONICAL.fullmatch(shown):
        return shown
    text = drop_unstorable(shown).strip()
    try:
        parts = urlsplit(text)
        port = parts.port
        name = parts.hostname
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not name:
        return None
    host = _host(name if ":" not in name else f"[{name}]")
    if host is None:
        return None
    if port is not None and port != DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    path = _escaped(
        PATH_SESSION.sub("", parts.path) if ";" in parts.path else parts.path, KEPT_IN_PATH
    )
    query = parts.query
    if query:
        query = "&".join([pair for pair in query.split("&") if pair and not _is_tracking(pair)])
        query = _escaped(query, KEPT_IN_QUERY)
    named = parts.fragment.startswith(("/", "!"))
    fragment = f"#{_escaped(parts.fragment, KEPT_IN_QUERY)}" if named else ""
    return f"{scheme}://{host}{path or '/'}{'?' if query else ''}{query}{fragment}"
