"""Garbled words to Vietnamese: the one path through restore/.

Text in, `Repaired` out. `restore` is `restore_and_explain(...).text` and nothing else, so the
plain and the explained call cannot disagree.
"""

import dataclasses
import functools
import unicodedata
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vnrepair.config import DEFAULTS, RestoreConfig
from vnrepair.language.letters import skeleton
from vnrepair.language.syllables import is_valid_syllable
from vnrepair.language.tones import fold_tone_style
from vnrepair.records import Edit, Repaired, apply_edits
from vnrepair.restore.channel import load_channel
from vnrepair.restore.decode import Choice, Sentence, decode, window_log_prob
from vnrepair.restore.decode import Path as BestPath
from vnrepair.restore.document_ids import IdGrammar
from vnrepair.restore.language_model import START_STATE, next_state
from vnrepair.restore.lattice import LatticeBuilder, WordSlot
from vnrepair.restore.lexicon import OTHER, find_dictionaries, load_lexicon
from vnrepair.restore.manifest import load_language_model
from vnrepair.restore.profiles import PROFILE_SETTINGS, ProfileSettings, detect_profile
from vnrepair.restore.tokenise import Kind, Token, ends_sentence, tokenise

__all__ = ["Restorer", "restore", "restore_and_explain"]

CONTEXT_WORDS = 3
"""Words before and after a change that its odds look at, as many as the model's context."""


@dataclass(frozen=True, slots=True, eq=False)
class _Segment:
    """Tokens that are decoded together."""

    tokens: tuple[Token, ...]
    slots: tuple[WordSlot, ...]
    joins: dict[int, WordSlot]
    sentence: Sentence


class Restorer:
    """Holds the loaded models; safe to share between threads that only call `restore`.

    Args:
        config: Options; `config.dictionaries` names another folder of models.

    Raises:
        ResourceError: A file of the dictionaries is missing, altered or of another version.
    """

    def __init__(self, config: RestoreConfig = DEFAULTS.restore) -> None:
        self.config = config
        self._folder = config.dictionaries or find_dictionaries()
        self._model = load_language_model(self._folder)
        self._lexicon = load_lexicon(self._folder)
        self._builders: dict[str, LatticeBuilder] = {}
        self._bare = frozenset(
            skeleton(word) for word in self._lexicon.words[4:] if is_valid_syllable(word)
        )
        self._ids = IdGrammar(self._folder)

    def restore(self, text: str) -> Repaired:
        """Repair a text.

        Args:
            text: Any text, in any normal form; line ends are kept one for one.

        Returns:
            The repaired text with every edit, the profile and the reason for it.
        """
        source = unicodedata.normalize("NFC", text)
        tokens = list(tokenise(source))
        profile, reason = self.config.profile, "asked for"
        if profile == "auto":
            profile, reason = detect_profile(tokens, self._bare)
        settings = self._settings(profile)
        builder = self._builder(profile, settings)
        ids = self._ids.repair(source, builder.channel) if settings.repairs_ids else []
        taken = [(edit.start, edit.end) for edit in ids]
        edits = [edit for edit in ids if edit.before != edit.after]
        segments = self._segments(tokens, taken, builder)
        paths = decode(
            [segment.sentence for segment in segments],
            self._lexicon,
            self._model,
            settings.weights,
            self.config.beam,
        )
        log_prob = 0.0
        changes: list[tuple[_Segment, BestPath, int, Choice]] = []
        for segment, path in zip(segments, paths, strict=True):
            log_prob += path.log_prob
            for place, choice in enumerate(path.choices):
                if choice.joined or choice.index != segment.slots[choice.position].keep:
                    changes.append((segment, path, place, choice))
        odds = self._odds(changes, settings)
        for (segment, _, _, choice), value in zip(changes, odds, strict=True):
            if value < settings.min_log_odds:
                continue
            edit = _edit(source, segment, choice, builder, float(value))
            if edit is not None:
                edits.append(edit)
        edits.sort(key=lambda edit: edit.start)
        return Repaired(apply_edits(source, edits), tuple(edits), log_prob, profile, reason, source)

    def _settings(self, profile: str) -> ProfileSettings:
        settings = PROFILE_SETTINGS[profile]
        if self.config.language_model_weight is not None:
            weights = dataclasses.replace(
                settings.weights, language_model=self.config.language_model_weight
            )
            settings = dataclasses.replace(settings, weights=weights)
        if self.config.min_log_odds is not None:
            settings = dataclasses.replace(settings, min_log_odds=self.config.min_log_odds)
        return settings

    def _builder(self, profile: str, settings: ProfileSettings) -> LatticeBuilder:
        builder = self._builders.get(profile)
        if builder is None:
            channel = dataclasses.replace(
                load_channel(self._folder, profile), word_weight=settings.word_weight
            )
            builder = self._builders[profile] = LatticeBuilder(
                self._lexicon, channel, self._model, settings, self.config.max_candidates
            )
        return builder

    def _segments(
        self, tokens: list[Token], taken: list[tuple[int, int]], builder: LatticeBuilder
    ) -> list[_Segment]:
        """Divide tokens into sentences; what belongs to a document id is one code word."""
        shielded: list[Token] = []
        spans = iter([*taken, (1 << 60, 1 << 60)])
        start, end = next(spans)
        for token in tokens:
            while token.start >= end:
                start, end = next(spans)
            inside = start <= token.start < end
            if token.kind is not Kind.PUNCTUATION:
                shielded.append(
                    dataclasses.replace(token, kind=Kind.DOCUMENT_ID) if inside else token
                )
            elif shielded and ends_sentence(token.text):
                last = shielded[-1]
                shielded[-1] = dataclasses.replace(last, trail=last.trail + token.text)
        builder.prepare(shielded)
        segments: list[_Segment] = []
        current: list[Token] = []
        for index, token in enumerate(shielded):
            if current and token.line > current[-1].line + 1:
                segments.append(_segment(current, builder))
                current = []
            current.append(token)
            if ends_sentence(token.trail) or index == len(shielded) - 1:
                segments.append(_segment(current, builder))
                current = []
        return segments

    def _odds(
        self,
        changes: list[tuple[_Segment, BestPath, int, Choice]],
        settings: ProfileSettings,
    ) -> NDArray[np.float32]:
        """Log odds of each change against leaving the observed words, its neighbours fixed."""
        if not changes:
            return np.empty(0, dtype=np.float32)
        runs = np.full((2 * len(changes), 2 + CONTEXT_WORDS), -1, dtype=np.int64)
        states = np.full(len(changes), START_STATE)
        local = np.zeros(2 * len(changes), dtype=np.float32)
        for row, (segment, path, place, choice) in enumerate(changes):
            for earlier in path.choices[max(0, place - CONTEXT_WORDS) : place]:
                for word in _words(segment, earlier):
                    states[row] = next_state(states[row : row + 1], np.array([word]))[0]
            after = [
                word
                for later in path.choices[place + 1 : place + 1 + CONTEXT_WORDS]
                for word in _words(segment, later)
            ][:CONTEXT_WORDS]
            new, kept = _words(segment, choice), _kept_words(segment, choice)
            runs[2 * row, : len(new) + len(after)] = new + after
            runs[2 * row + 1, : len(kept) + len(after)] = kept + after
            weights = settings.weights
            local[2 * row] = self._local(segment, choice, weights.case)
            local[2 * row] += weights.word_bonus * len(new)
            local[2 * row + 1] = self._kept_local(segment, choice, weights.case)
            local[2 * row + 1] += weights.word_bonus * len(kept)
        wording = window_log_prob(self._model, runs, np.repeat(states, 2))
        total = settings.weights.language_model * wording + local
        difference: NDArray[np.float32] = total[0::2] - total[1::2]
        return difference

    def _local(self, segment: _Segment, choice: Choice, case_weight: float) -> float:
        slot = _slot(segment, choice).slot
        return self._with_case(
            slot.local[choice.index],
            slot.words[choice.index],
            slot.patterns[choice.index],
            case_weight,
        )

    def _kept_local(self, segment: _Segment, choice: Choice, case_weight: float) -> float:
        covered = (choice.position - 1, choice.position) if choice.joined else (choice.position,)
        total = 0.0
        for position in covered:
            kept = segment.slots[position]
            slot = kept.slot
            total += self._with_case(
                slot.local[kept.keep], slot.words[kept.keep], slot.patterns[kept.keep], case_weight
            )
        return total

    def _with_case(self, local: float, word: int, pattern: int, case_weight: float) -> float:
        if pattern == OTHER:
            return float(local)
        return float(local) + case_weight * float(self._lexicon.log_case[0, word, pattern])


def _slot(segment: _Segment, choice: Choice) -> WordSlot:
    return segment.joins[choice.position] if choice.joined else segment.slots[choice.position]


def _words(segment: _Segment, choice: Choice) -> list[int]:
    slot = _slot(segment, choice).slot
    words = [int(slot.words[choice.index])]
    if slot.seconds[choice.index] >= 0:
        words.append(int(slot.seconds[choice.index]))
    return words


def _kept_words(segment: _Segment, choice: Choice) -> list[int]:
    covered = (choice.position - 1, choice.position) if choice.joined else (choice.position,)
    kept = [segment.slots[position] for position in covered]
    return [int(slot.slot.words[slot.keep]) for slot in kept]


def _segment(tokens: list[Token], builder: LatticeBuilder) -> _Segment:
    slots = tuple(builder.slot(token) for token in tokens)
    joins: dict[int, WordSlot] = {}
    for position in range(1, len(tokens)):
        joined = builder.joined(tokens[position - 1], tokens[position])
        if joined is not None:
            joins[position] = joined
    soft = tuple(
        position > 0 and tokens[position].line != tokens[position - 1].line
        for position in range(len(tokens))
    )
    sentence = Sentence(
        tuple(slot.slot for slot in slots),
        soft,
        {position: slot.slot for position, slot in joins.items()},
    )
    return _Segment(tuple(tokens), slots, joins, sentence)


def _edit(
    source: str, segment: _Segment, choice: Choice, builder: LatticeBuilder, log_odds: float
) -> Edit | None:
    """The edit of a choice; None when it writes what stands there already."""
    token = segment.tokens[choice.position]
    start = segment.tokens[choice.position - 1].start if choice.joined else token.start
    before = source[start : token.end]
    slot = _slot(segment, choice).slot
    after = builder.writing(slot, choice.index)
    if after == before or fold_tone_style(before) == fold_tone_style(after):
        return None
    if choice.joined:
        cause = "restore/join"
    else:
        cause = "restore/split" if slot.seconds[choice.index] >= 0 else "restore/channel"
    return Edit(start, token.end, before, after, cause, log_odds)


@functools.lru_cache(maxsize=8)
def _cached(config: RestoreConfig) -> Restorer:
    return Restorer(config)


def restore_and_explain(text: str, config: RestoreConfig = DEFAULTS.restore) -> Repaired:
    """Repair wrong and missing marks and look-alike letters, and say what was changed.

    Args:
        text: OCR output or text typed without marks; any normal form. Line ends are kept.
        config: Options; the models are loaded once per distinct config.

    Returns:
        The text with every edit. `apply_edits(result.source, result.edits) == result.text`.

    Raises:
        ResourceError: A file of the dictionaries is missing, altered or of another version.
    """
    return _cached(config).restore(text)


def restore(text: str, config: RestoreConfig = DEFAULTS.restore) -> str:
    """The text of `restore_and_explain(text, config)`."""
    return restore_and_explain(text, config).text
