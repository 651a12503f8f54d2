"""What a user says about *how* an answer should sound, spotted in the words: pace, voice, feeling, song."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from s2s_arena.models.perception import Perception

_EMOTION_WORDS: Mapping[str, str] = {
    "happy": r"happ(?:y|ily)|cheerful(?:ly)?|joyful(?:ly)?|glad(?:ly)?|delighted|高兴|开心|快乐|欢快|愉快|喜悦",
    "sad": r"sad(?:ly|ness)?|sorrowful(?:ly)?|gloom(?:y|ily)|mournful(?:ly)?|heartbroken|悲伤|难过|伤心|忧伤|悲痛|沮丧",
    "angry": r"ang(?:ry|rily|er)|furious(?:ly)?|mad|annoyed|irritated|生气|愤怒|恼火|气愤|发火",
    "fearful": r"fearful(?:ly)?|scared|afraid|frightened|terrified|nervous(?:ly)?|害怕|恐惧|惊恐|紧张",
    "surprised": r"surpris(?:ed|e)|astonished|amazed|shocked|惊讶|吃惊|惊奇|震惊",
    "excited": r"excited(?:ly)?|enthusiastic(?:ally)?|thrilled|energetic(?:ally)?|lively|激动|兴奋|热情|激昂",
    "calm": r"calm(?:ly)?|gentl[ey]|sooth(?:e|ing|ingly)|relax(?:ed|ing)|comforting(?:ly)?|tender(?:ly)?|warm(?:ly)?|"
    r"平静|温柔|柔和|舒缓|安慰的|冷静|轻柔",
    "disgusted": r"disgust(?:ed)?|厌恶|嫌弃|恶心",
    "sarcastic": r"sarcas(?:tic|tically|m)|ironic(?:ally)?|mocking(?:ly)?|讽刺|嘲讽|阴阳怪气|反讽",
}
_FRAME_EN = (
    r"(?:\b(?:in|with|using)\s+(?:an?\s+|your\s+|the\s+|some\s+|more\s+)?(?:\w+\s+){{0,2}}?(?:{words})\b"
    r"|\b(?:sound|sounding|be|act|feel|speak|talk|read|reply|respond|answer|say\s+\w+|say)\s+(?:\w+\s+){{0,4}}?"
    r"(?:{words})\b(?!\s+(?:about|that|because|with\s+(?:me|my|him|her)))"
    r"|\b(?:{words})\s+(?:\w+\s+)?(?:voice|tone|manner|mood|way|style|emotion|feeling)\b)"
)
_FRAME_ZH = r"(?:{words})(?:的|地)?(?:语气|语调|声音|口吻|口气|情绪|心情|感情|方式|腔调|样子|说|读|念|讲|回答|朗读)"
_ABOUT_THE_USER = re.compile(r"\b(?:I\s*(?:am|'m|feel|was)|I’m|my)\s+(?:\w+\s+){0,3}$", re.IGNORECASE)

_STYLES: Mapping[str, str] = {
    "whisper": r"\bwhisper(?:s|ed|ing)?\b|under your breath|悄悄|耳语|低声|小声说|轻声说|说悄悄话",
    "sing": r"\bsing(?:ing|s)?\b|\bsung\b|\bsong\b|\bhum\b|唱",
    "shout": r"\bshout(?:ing|s)?\b|\byell(?:ing)?\b|\bscream(?:ing)?\b|\bat the top of your\b|喊|吼|大叫",
}
_SLOW = r"\bslow(?:ly|er|ed)?\b|\bslow down\b|\bunhurried\b|\btake your time\b|慢"
_FAST = (
    r"\bfast(?:er)?\b|\bquick(?:ly|er)?\b|\brapid(?:ly)?\b|\bspeed up\b|\bhurr(?:y|ied)\b|快速|语速快|快一点|"
    r"快一些|加快|越来越快|变快"
)
_LOUD = r"\bloud(?:ly|er)?\b|\bspeak up\b|大声|响亮|洪亮"
_SOFT = r"\bsoft(?:ly|er)?\b|\bquiet(?:ly|er)?\b|小声|轻声|轻轻"
_HIGH = r"\bhigh(?:er)?[- ](?:pitched|pitch|voice|tone)\b|\bsqueaky\b|高音|尖细|高亢|尖声"
_LOW = r"\b(?:low|lower|deep|deeper)[- ](?:pitched|pitch|voice|tone)\b|低沉|低音|浑厚"
_FLAT = (
    r"\bmonoton(?:e|ous|ously)\b|\brobot(?:ic|ically)?\b|\bflat (?:voice|tone)\b|"
    r"\bwithout (?:any )?(?:emotion|expression)|单调|机器人|平淡|没有感情|毫无感情"
)
_WIDE = (
    r"\bexpressive(?:ly)?\b|\bdramatic(?:ally)?\b|\btheatrical(?:ly)?\b|\bexaggerat\w+\b|"
    r"抑扬顿挫|夸张|戏剧|绘声绘色|有感情"
)
_TEMPO_ASKED = re.compile(
    r"speak|say|said|talk|read|recite|repeat|tell|count|pace|speed|tempo|voice|pronounce|sing|slowly|quickly|"
    r"begin|start|说|读|念|讲|语速|朗读|背|数|唱",
    re.IGNORECASE,
)
_CHILD = (
    r"\blike an? (?:little |small |young )?(?:child|kid|boy|girl|baby|toddler)\b|\bchild(?:'s|like|"
    r"ish)? voice\b|小孩|儿童|孩子的声音|小朋友的(?:声音|语气)"
)
_ELDER = (
    r"\blike an? (?:\w+ )?(?:old|elderly) (?:\w+)\b|\b(?:grandma|grandmother|grandpa|"
    r"grandfather)(?:'s)? voice\b|\blike (?:a |my )?grand\w+\b|老人的|老爷爷|老奶奶|老年人"
)
_MALE = r"\b(?:male|man's|man’s|masculine) voice\b|\blike an? (?:old |young )?man\b|男声|男人的声音|男性的声音"
_FEMALE = r"\b(?:female|woman's|woman’s|feminine) voice\b|\blike an? (?:old |young )?woman\b|女声|女人的声音|女性的声音"
_STRESS = re.compile(
    r"(?:emphasi[sz]e|emphasis on|stress(?:ing)?(?: on)?|accent on)\s+(?:on\s+)?(?:the\s+)?(?:words?\s+)?"
    r"[\"'“‘]?([A-Za-z]+)[\"'”’]?|(?:强调|重读|突出)(?:一下)?[“\"'「]?([\u4e00-\u9fff]{1,4}?)[”\"'」]?(?:这|二字|两个字|一词|$|，|。)",
    re.IGNORECASE,
)
_PAUSE = re.compile(
    r"pause\s+(?:\w+\s+){0,3}?after\s+(?:the\s+)?(?:words?\s+)?[\"'“‘]?([A-Za-z]+)[\"'”’]?|"
    r"在[“\"'「]?([\u4e00-\u9fff]{1,4}?)[”\"'」]?(?:之?后|后面)(?:稍微)?(?:停顿|停)",
    re.IGNORECASE,
)
_PERFORMS = re.compile(
    r"\bpoem|\bpoetry|\brecit|\bstory|\bstories|\bfairy tale|\bjoke|\bstand-?up|\bcomed|\btongue[- ]twister|\bpretend|"
    r"\brole[- ]?play|\bact (?:as|like|out)|\bas if you|\bimagine you|\bperform|\bimitat|\bdialogue between|\bemotion|"
    r"\bexpressi|\bdramatic|\btranslate|\bcheer me up|\bcomfort|"
    r"诗|朗诵|故事|童话|笑话|脱口秀|相声|绕口令|扮演|假装|模仿|表演|台词|情感|感情|语气|安慰",
    re.IGNORECASE,
)

_MIRRORS = (
    r"\b(?:in|at|with) (?:exactly )?my (?:own )?(?:tone|voice|pace|speed|tempo|mood|manner)\b"
    r"|\b(?:tone|voice|pace|speed|tempo|mood|way|manner) (?:that )?I(?:'m|’m|'ve|’ve| am| have| do| use| speak| talk)\b"
    r"|\b(?:sound\w*|speak\w*|say|said|talk\w*|sing|read) (?:\w+ ){0,3}?(?:just |exactly )?"
    r"(?:as|like) I (?:do|did|am|sound|say|said|speak|talk)\b"
    r"|\bno (?:louder|softer|faster|slower)\b.{0,30}\bthan I"
    r"|跟我(?:的\w{0,4})?一样|像我(?:一样|这样|现在)|(?:用|照|按)我(?:现在)?的?(?:语气|口气|语调|语速|声音)|跟我学|学我"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """How the answer should sound, as far as the words say so; None where they do not.

    `rate` is slow, fast, slow_then_fast or fast_then_slow; `pitch` low or high; `range` flat or wide; `volume`
    soft or loud. `performs` says that the task itself asks for expression, `mirrors` that the answer is to sound as the
    user does.
    """

    emotion: str | None = None
    style: str | None = None
    rate: str | None = None
    pitch: str | None = None
    range: str | None = None
    volume: str | None = None
    age: str | None = None
    gender: str | None = None
    stress: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    performs: bool = False
    mirrors: bool = False

    @property
    def explicit(self) -> bool:
        """Whether anything definite was asked."""
        return self != Wishes(performs=self.performs, mirrors=self.mirrors)


def spot(text: str) -> Wishes:
    """The wishes in what a user said. English and Chinese."""
    return Wishes(
        emotion=_emotion(text),
        style=next((style for style, words in _STYLES.items() if _has(words, text)), None),
        rate=_rate(text),
        pitch=_either(text, low=_LOW, high=_HIGH),
        range=_either(text, flat=_FLAT, wide=_WIDE),
        volume=_either(text, loud=_LOUD, soft=_SOFT),
        age=_either(text, child=_CHILD, elder=_ELDER),
        gender=_either(text, male=_MALE, female=_FEMALE),
        stress=_words(_STRESS, text),
        pauses=_words(_PAUSE, text),
        performs=bool(_PERFORMS.search(text)),
        mirrors=_has(_MIRRORS, text),
    )


def mirrored(wishes: Wishes, perceived: Perception) -> Wishes:
    """Wishes with how the user sounded put in where the answer is to sound the same and nothing else was asked."""
    if not wishes.mirrors:
        return wishes
    emotion = wishes.emotion or (perceived.emotion if perceived.emotion != "neutral" else None)
    lively = {"flat": "flat", "lively": "wide"}.get(perceived.range or "")
    return replace(
        wishes,
        emotion=emotion,
        style=wishes.style or ("whisper" if perceived.whispered else None),
        rate=wishes.rate or _either_of(perceived.pace, "slow", "fast"),
        pitch=wishes.pitch or _either_of(perceived.pitch, "low", "high"),
        # An emotion brings its own melody.
        range=wishes.range or (None if emotion else lively),
        volume=wishes.volume or {"quiet": "soft", "loud": "loud"}.get(perceived.loudness or ""),
    )


def _either_of(heard: str | None, *remarkable: str) -> str | None:
    return heard if heard in remarkable else None


def _has(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.IGNORECASE) is not None


def _either(text: str, **patterns: str) -> str | None:
    return next((name for name, pattern in patterns.items() if _has(pattern, text)), None)


def _emotion(text: str) -> str | None:
    for emotion, words in _EMOTION_WORDS.items():
        frame = f"{_FRAME_EN.format(words=words)}|{_FRAME_ZH.format(words=words)}"
        for found in re.finditer(frame, text, re.IGNORECASE):
            # "I am in a sad mood" tells of the speaker and asks nothing of the voice.
            if not _ABOUT_THE_USER.search(text[: found.start()]):
                return emotion
    return None


def _rate(text: str) -> str | None:
    if not _TEMPO_ASKED.search(text):
        return None
    slow, fast = re.search(_SLOW, text, re.IGNORECASE), re.search(_FAST, text, re.IGNORECASE)
    if slow and fast:
        return "slow_then_fast" if slow.start() < fast.start() else "fast_then_slow"
    if _has(r"越来越快|faster and faster", text):
        return "slow_then_fast"
    return "slow" if slow else "fast" if fast else None


def _words(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(next(group for group in found.groups() if group) for found in pattern.finditer(text))
