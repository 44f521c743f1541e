"""Garbled words to Vietnamese: the one path through restore/.

Text in, `Repaired` out. `restore` is `restore_and_explain(...).text` and nothing else, so the
plain and the explained call cannot disagree.
"""

import dataclasses
import functools
import itertools
import threading
import unicodedata
from collections.abc import Iterator

from vnrepair.config import DEFAULTS, RestoreConfig
from vnrepair.language.tones import fold_tone_style
from vnrepair.records import Edit, Repaired, apply_edits
from vnrepair.restore.adapt import DocumentCache, build_cache
from vnrepair.restore.channel import load_channel
from vnrepair.restore.decode import Path as BestPath
from vnrepair.restore.decode import decode
from vnrepair.restore.document_ids import IdGrammar
from vnrepair.restore.lattice import LatticeBuilder
from vnrepair.restore.lexicon import TITLE, case_pattern, find_dictionaries, load_lexicon
from vnrepair.restore.manifest import load_language_model
from vnrepair.restore.posterior import Judgement, judge
from vnrepair.restore.profiles import PROFILE_SETTINGS, ProfileSettings, detect_profile
from vnrepair.restore.segments import (
    Chosen,
    Segment,
    choices_of,
    divide,
    make_segment,
    slot_of,
    words_of,
)
from vnrepair.restore.stray_marks import (
    as_figure,
    is_fixed,
    mark_edits,
    numeral_edits,
    with_false_ending,
)
from vnrepair.restore.tokenise import Kind, Token, ends_sentence, tokenise

__all__ = ["Restorer", "restore", "restore_and_explain"]

DETECTION_CHARS = 200_000
"""A text is judged by so much of its beginning."""
MIN_FOREIGN_WORDS, FOREIGN_SHARE = 5, 0.4
"""So many plain words, of which fewer than this share could be Vietnamese, are another language."""
MIN_FIGURE_ODDS = 5.0
"""Nats by which a word must beat what holds a figure: one wrong figure costs more than a word."""
MIN_ADAPTED_WORDS = 60
"""Shorter texts say too little of themselves for a second pass."""


class Restorer:
    """Holds the loaded models; threads may share it, and a pickled copy loads its own.

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
        self._ids = IdGrammar(self._folder)
        self._lock = threading.Lock()  # the builders keep what they have made

    def restore(self, text: str) -> Repaired:
        """Repair a text.

        Args:
            text: Any text, in any normal form; line ends are kept one for one.

        Returns:
            The repaired text with every edit, the profile and the reason for it.
        """
        source = unicodedata.normalize("NFC", text)
        profile, reason = self.config.profile, "asked for"
        if profile == "auto":
            sample = list(tokenise(source[:DETECTION_CHARS]))
            profile, reason = detect_profile(sample, self._lexicon.bare_syllables)
        settings = self._settings(profile)
        edits: list[Edit] = []
        log_prob = 0.0
        for start, block in _blocks(source, self.config.block_chars):
            found, value = self._restore_block(block, settings, self._builder(profile, settings))
            log_prob += value
            edits += (
                dataclasses.replace(edit, start=start + edit.start, end=start + edit.end)
                for edit in found
            )
        return Repaired(apply_edits(source, edits), tuple(edits), log_prob, profile, reason, source)

    def __reduce__(self) -> tuple[type["Restorer"], tuple[RestoreConfig]]:
        """Pickle as the options; the other process loads the models itself."""
        return Restorer, (self.config,)

    def _restore_block(
        self, source: str, settings: ProfileSettings, builder: LatticeBuilder
    ) -> tuple[list[Edit], float]:
        """The edits of one block in order, and the log probability of its best hypotheses."""
        tokens = list(tokenise(source))
        addresses = [token for token in tokens if token.kind is Kind.ADDRESS]
        id_odds = max(settings.min_id_odds, self.config.min_log_odds or 0.0)
        ids = [
            edit
            for edit in self._ids.repair(source, builder.channel, id_odds)
            if not any(token.start <= edit.start < token.end for token in addresses)
        ]
        if settings.repairs_codes:
            ids = sorted(ids + numeral_edits(source), key=lambda edit: edit.start)
        taken = [(edit.start, edit.end) for edit in ids]
        edits = [edit for edit in ids if edit.before != edit.after]
        with self._lock:
            segments = self._segments(tokens, taken, builder, settings)
        paths, chosen, judgements = self._decode(segments, settings)
        for item, judgement in zip(chosen, judgements, strict=True):
            is_change = item.choice.joined or item.choice.index != item.placed.keep
            needed = settings.min_log_odds
            if _is_name(item):
                needed = max(needed, settings.min_name_odds)
            if any(c.isdigit() for c in _observed(item)):
                needed = max(needed, MIN_FIGURE_ODDS)
            if is_change and judgement.log_odds >= needed:
                edit = _edit(source, item, builder, judgement.log_odds)
                if edit is not None:
                    edits.append(edit)
        if settings.repairs_codes:
            edits += mark_edits(source)
        edits.sort(key=lambda edit: edit.start)
        return edits, sum(path.log_prob for path in paths)

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
                load_channel(self._folder, profile), word_share=settings.word_share
            )
            builder = self._builders[profile] = LatticeBuilder(
                self._lexicon, channel, self._model, settings, self.config.max_candidates
            )
        return builder

    def _segments(
        self,
        tokens: list[Token],
        taken: list[tuple[int, int]],
        builder: LatticeBuilder,
        settings: ProfileSettings,
    ) -> list[Segment]:
        """Divide tokens into sentences; what belongs to a document id is one code word."""
        shielded: list[Token] = []
        spans = iter([*taken, (1 << 60, 1 << 60)])
        start, end = next(spans)
        for token in tokens:
            while token.start >= end:
                start, end = next(spans)
            inside = start <= token.start < end
            if token.kind is not Kind.PUNCTUATION:
                kept = inside or is_fixed(token, shielded[-1] if shielded else None)
                shielded.append(
                    dataclasses.replace(token, kind=Kind.DOCUMENT_ID) if kept else token
                )
                if len(shielded) > 1 and settings.repairs_codes:
                    shielded[-2] = with_false_ending(shielded[-2], token)
                    shielded[-1] = as_figure(shielded[-1], shielded[-2])
            elif shielded and ends_sentence(token.text):
                last = shielded[-1]
                shielded[-1] = dataclasses.replace(last, trail=last.trail + token.text)
        sentences = [self._shield_foreign(sentence) for sentence in divide(shielded)]
        builder.prepare(list(itertools.chain.from_iterable(sentences)))
        return [make_segment(sentence, builder) for sentence in sentences]

    def _shield_foreign(self, tokens: list[Token]) -> list[Token]:
        """Keep a sentence that is clean and can hardly be Vietnamese, such as a line of English."""
        words = [token.text for token in tokens if token.kind is Kind.WORD and len(token.text) > 1]
        if len(words) < MIN_FOREIGN_WORDS or not all(w.isascii() and w.isalpha() for w in words):
            return tokens
        known = sum(word.lower() in self._lexicon.bare_syllables for word in words)
        if known >= FOREIGN_SHARE * len(words):
            return tokens
        return [dataclasses.replace(token, kind=Kind.DOCUMENT_ID) for token in tokens]

    def _decode(
        self, segments: list[Segment], settings: ProfileSettings
    ) -> tuple[list[BestPath], list[Chosen], list[Judgement]]:
        """Decode twice: the second time with what the first found the document to say."""
        lattices = [segment.sentence for segment in segments]
        lexicon, model, weights = self._lexicon, self._model, settings.weights
        cache: DocumentCache | None = None
        while True:
            paths = decode(lattices, lexicon, model, weights, self.config.beam, cache)
            chosen = choices_of(segments, paths)
            judgements = judge([item.placed for item in chosen], lexicon, model, weights, cache)
            if cache is not None or not settings.adapts or len(chosen) < MIN_ADAPTED_WORDS:
                return paths, chosen, judgements
            cache = build_cache(_sequences(chosen, judgements), len(lexicon.words))
            if cache is None:
                return paths, chosen, judgements


def _sequences(
    chosen: list[Chosen], judgements: list[Judgement]
) -> Iterator[tuple[list[int], list[float]]]:
    """Per segment the chosen words and how sure each is."""
    pairs = zip(chosen, judgements, strict=True)
    for _, group in itertools.groupby(pairs, key=lambda pair: id(pair[0].segment)):
        words: list[int] = []
        sure: list[float] = []
        for item, judgement in group:
            for word in words_of(item.segment, item.choice):
                words.append(word)
                sure.append(judgement.probability)
        yield words, sure


def _blocks(source: str, size: int) -> Iterator[tuple[int, str]]:
    """Pieces of a text with their offsets, cut behind a line end, else a blank, else anywhere."""
    start = 0
    while len(source) - start > size:
        end = start + size
        for mark in ("\n", " "):
            found = source.rfind(mark, start, end)
            if found > start:
                end = found + 1
                break
        yield start, source[start:end]
        start = end
    if start < len(source):
        yield start, source[start:]


def _observed(item: Chosen) -> str:
    return item.segment.tokens[item.choice.position].text


def _is_name(item: Chosen) -> bool:
    """Whether the observed word is capitalised inside a sentence, as names are."""
    return item.choice.position > 0 and case_pattern(_observed(item)) == TITLE


def _edit(source: str, item: Chosen, builder: LatticeBuilder, log_odds: float) -> Edit | None:
    """The edit of a choice; None when it writes what stands there already."""
    segment, choice = item.segment, item.choice
    token = segment.tokens[choice.position]
    start = segment.tokens[choice.position - 1].start if choice.joined else token.start
    before = source[start : token.end]
    slot = slot_of(segment, choice).slot
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
