"""What was heard beyond the words, put into words for a mind: small ones take it from the speaker, not from a note.

A mind of a billion weights reads past "[the speaker sounds sad]", but it answers "I feel sad about it."
"""

import re
from collections.abc import Mapping

from s2s_arena.models.perception import Perception

RULE = "In brackets stands what the voice gave away: let it decide what you say."

EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "en": (
        (
            "So my sister is coming for the whole summer. (I am a woman. I feel sad about it.)",
            "I'm sorry, you sound sad about that. Is she hard to live with?",
        ),
        (
            "So my sister is coming for the whole summer. (I am a man. I am happy and excited about it.)",
            "How wonderful, you must be so happy! Enjoy every day with her.",
        ),
        (
            "Which film shall I watch tonight? (I am a little child.)",
            "A cartoon with funny animals, and ask your mum or dad to watch it with you!",
        ),
        (
            "What a tasty lunch that was. Shall we go there again? (I am a man. I mean the opposite of what I say.)",
            "It sounds as if you hated it, so let us rather eat somewhere else.",
        ),
        ("How many legs does a spider have? (I am a woman. I speak fast.)", "A spider has eight legs."),
        (
            "Read out a line about the moon, very softly. (I am a woman. I am happy about it.)",
            "The moon hangs low and silver over the sleeping town.",
        ),
        (
            "What can you tell from my voice? (I am a man. I speak fast. I am afraid.)",
            "You sound like a man who is in a hurry, and afraid of something.",
        ),
    ),
    "zh": (
        ("我妹妹要来住一整个夏天。（我是女的。我心里很难过。）", "听起来你有点难过，是不是和她合不来？"),
        ("我妹妹要来住一整个夏天。（我是男的。我又开心又激动。）", "太好了，你一定很开心！好好享受吧。"),
        ("今天晚上看什么电影好？（我是小孩子。）", "看一部小动物的动画片吧，让爸爸妈妈陪你一起看！"),
        ("这顿午饭可真好吃，我们还去吗？（我是男的。我说的是反话。）", "听你的口气是不好吃，那我们换一家吧。"),
        ("蜘蛛有几条腿？（我是女的。我说得很快。）", "蜘蛛有八条腿。"),
        ("请轻轻地念一句写月亮的话。（我是女的。我很开心。）", "月亮静静地照着睡着的小城。"),
        (
            "你从我的声音里听得出什么？（我是男的。我说得很快。我很害怕。）",
            "你是一位男士，说得很急，好像有点害怕。",
        ),
    ),
}
"""The same words may want another answer, and some want the same however they are said: both have to be shown."""

_SAYINGS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "child": "I am a little child.",
        "elder": "I am an old person.",
        "male": "I am a man.",
        "female": "I am a woman.",
        "happy": "I am happy about it.",
        "excited": "I am happy and excited about it.",
        "sad": "I feel sad about it.",
        "angry": "I am angry about it.",
        "fearful": "I am afraid.",
        "surprised": "I am surprised.",
        "disgusted": "I find it disgusting.",
        "sarcastic": "I mean the opposite of what I say.",
        "calm": "I am calm.",
        "slow": "I speak slowly.",
        "fast": "I speak fast.",
        "whispered": "I am whispering.",
        "noisy": "It is noisy around me.",
    },
    "zh": {
        "child": "我是小孩子。",
        "elder": "我是老人。",
        "male": "我是男的。",
        "female": "我是女的。",
        "happy": "我很开心。",
        "excited": "我又开心又激动。",
        "sad": "我心里很难过。",
        "angry": "我很生气。",
        "fearful": "我很害怕。",
        "surprised": "我很惊讶。",
        "disgusted": "我觉得恶心。",
        "sarcastic": "我说的是反话。",
        "calm": "我很平静。",
        "slow": "我说得很慢。",
        "fast": "我说得很快。",
        "whispered": "我在说悄悄话。",
        "noisy": "我这里很吵。",
    },
}

_ABOUT_THE_VOICE = re.compile(r"\bvoices?\b|\bI sound|\bhear\b|\bguess|声音|嗓|听", re.IGNORECASE)


def told(perceived: Perception, asked: str, language: str) -> str:
    """What was perceived, as the speaker would say it: Chinese for Chinese, else English; empty for nothing remarkable.

    That somebody is a man or a woman is remarkable only where voices are spoken of, or beside something else: a small
    mind that is told more than it needs answers worse.

    Args:
        perceived: What was heard.
        asked: The user's words.
        language: Primary tag of the language that the mind is to answer in.
    """
    sayings = _SAYINGS["zh" if language == "zh" else "en"]
    heard = [
        perceived.age if perceived.age in ("child", "elder") else perceived.gender,
        perceived.emotion if perceived.emotion != "neutral" else None,
        perceived.pace if perceived.pace != "normal" else None,
        "whispered" if perceived.whispered else None,
        "noisy" if perceived.noisy else None,
    ]
    if heard == [perceived.gender, *[None] * 4] and not _ABOUT_THE_VOICE.search(asked):
        return ""
    said = [sayings[name] for name in heard if name is not None and name in sayings]
    return ("" if language == "zh" else " ").join(said)


def bracketed(text: str, note: str, language: str) -> str:
    """The user's words with a note behind them; the words alone where there is none."""
    if not note:
        return text
    return f"{text}（{note}）" if language == "zh" else f"{text} ({note})"
