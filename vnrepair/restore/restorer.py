"""Garbled words to Vietnamese: the one path through restore/.

Text in, `Repaired` out. `restore` is `restore_and_explain(...).text` and nothing else, so the
plain and the explained call cannot disagree.
"""

import dataclasses
import functools
import itertools
import os
import threading
import unicodedata
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vnrepair.config import DEFAULTS, RestoreConfig
from vnrepair.errors import ConfigError
from vnrepair.records import Edit, Evidence, Reading, Repaired, apply_edits, output_spans
from vnrepair.restore.adapt import build_cache
from vnrepair.restore.blocks import Block, cut, cut_stream, look_ahead, shift
from vnrepair.restore.decisions import decide
from vnrepair.restore.decode import decode_all
from vnrepair.restore.evidence import PageEvidence, check_evidence
from vnrepair.restore.explain import Explainer, doubtful_ids
from vnrepair.restore.gaps import gap_edits, neighbours
from vnrepair.restore.lattice import LatticeBuilder
from vnrepair.restore.lexicon import find_dictionaries
from vnrepair.restore.models import Models, load_models
from vnrepair.restore.numerals import heading_edits, item_edits, numeral_edits
from vnrepair.restore.paths import pack
from vnrepair.restore.posterior import Judgements, judge, scores_without_context
from vnrepair.restore.profiles import (
    ProfileSettings,
    detect_profile,
    for_half_marked,
    share_of_lost_marks,
)
from vnrepair.restore.segments import Chosen, Segment, choices_in, divide, make_segment
from vnrepair.restore.shield import keep_foreign, shield
from vnrepair.restore.specks import speck_edits
from vnrepair.restore.stray_marks import mark_edits
from vnrepair.restore.term_files import gather_terms
from vnrepair.restore.term_spans import TermFinder, keep_tokens, spans_inside, without_touching
from vnrepair.restore.tokenise import Kind, Token
from vnrepair.restore.user_dictionary import add_terms

__all__ = ["Restorer", "n_best", "restore", "restore_and_explain"]

DETECTION_CHARS = 200_000
"""A text is judged by so much of its beginning."""
MIN_ADAPTED_WORDS = 60
"""Shorter texts say too little of themselves for a second pass."""
FLAG_ALTERNATIVES = 4
"""Readings that a flag offers a person, the choice included."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What was made of a piece of text; spans count from its start."""

    edits: list[Edit]
    flags: list[Reading]
    readings: list[Reading]
    log_prob: float


_ALIVE: weakref.WeakSet["Restorer"] = weakref.WeakSet()


class Restorer:
    """Holds the loaded models; threads may share it, and a pickled copy loads its own.

    Args:
        config: Options; `config.dictionaries` names another folder of models.
        models: What to restore with instead of what lies in that folder.

    Raises:
        ResourceError: A file of the dictionaries is missing, altered or of another version.
    """

    def __init__(
        self, config: RestoreConfig = DEFAULTS.restore, *, models: Models | None = None
    ) -> None:
        self.config = config
        self._given = models
        self._models = models or load_models(config.dictionaries or find_dictionaries())
        model = self._models.language_model
        self._user = add_terms(gather_terms(config), self._models.lexicon, model)
        self._lexicon, self._model = self._user.lexicon, self._user.model
        self._ids = self._models.ids.with_symbols(self._user.symbols)
        self._kept = TermFinder((*config.keep, *self._user.fixed))
        self._builders: dict[str, LatticeBuilder] = {}
        self._lock = threading.Lock()  # the builders keep what they have made
        _ALIVE.add(self)

    def restore(self, text: str, evidence: Sequence[Evidence] = ()) -> Repaired:
        """Repair a text.

        Args:
            text: Any text, in any normal form; line ends are kept one for one.
            evidence: What the page says of the words that were read from it: spans of the NFC text
                in order, none overlapping another.

        Returns:
            The repaired text with every edit, what to look at, the profile and the reason for it.

        Raises:
            ConfigError: The evidence does not fit the text.
        """
        return self._run(text, 0, evidence)[0]

    def n_best(
        self, text: str, n: int = 5, evidence: Sequence[Evidence] = ()
    ) -> tuple[Reading, ...]:
        """What each word of a text may have been.

        Args:
            text: As for `restore`.
            n: Alternatives for each word, the choice included; 1 or more.
            evidence: As for `restore`.

        Returns:
            A reading for every word in order, and for document ids that could not be made sure;
            what is chosen is what `restore` writes. Numbers, addresses, other ids, sentences of
            another language and what is to be kept were not up for choice and have no reading.

        Raises:
            ConfigError: `n` is less than 1, or the evidence does not fit the text.
        """
        if n < 1:
            raise ConfigError(f"n is {n}: ask for 1 alternative or more")
        return tuple(self._run(text, n, evidence)[1])

    def _run(
        self, text: str, n: int, evidence: Sequence[Evidence]
    ) -> tuple[Repaired, list[Reading]]:
        """Restore a text; where `n` is not 0, with the readings of all its words."""
        source = unicodedata.normalize("NFC", text)
        check_evidence(source, evidence)
        on_page = PageEvidence(source, evidence)
        kept = self._kept.find(source)
        sample, blocks = look_ahead(cut(source, self.config.block_chars), DETECTION_CHARS)
        profile, reason, settings = self._choose_profile(sample)
        edits: list[Edit] = []
        flags: list[Reading] = []
        readings: list[Reading] = []
        log_prob = 0.0
        for block in blocks:
            end = block.start + len(block.text)
            inside, said = spans_inside(kept, block.start, end), on_page.inside(block.start, end)
            found = self._restore_block(block, profile, settings, n, inside, said)
            log_prob += found.log_prob
            edits += shift(found.edits, block.start)
            flags += shift(found.flags, block.start)
            readings += shift(found.readings, block.start)
        restored = apply_edits(source, edits)
        repaired = Repaired(
            restored,
            tuple(edits),
            log_prob,
            profile,
            reason,
            source,
            tuple(_locate(flags, edits, restored)),
        )
        return repaired, list(_locate(readings, edits, restored))

    def restore_stream(self, pieces: Iterable[str]) -> Iterator[Repaired]:
        """Repair a text that is too long to be held at once, in memory that does not grow with it.

        Args:
            pieces: The text, cut anywhere; together they are what `restore` takes.

        Yields:
            Results of consecutive blocks; `source` and `text` are those of the block, and so are
            the places of edits and flags. Joined, the texts are what `restore` gives, but for
            terms to keep that lie across the end of a block.
        """
        blocks = cut_stream(pieces, self.config.block_chars)
        sample, blocks = look_ahead(blocks, DETECTION_CHARS)
        profile, reason, settings = self._choose_profile(sample)
        for block in blocks:
            kept = list(self._kept.find(block.text))
            found = self._restore_block(block, profile, settings, 0, kept, PageEvidence())
            text, edits = apply_edits(block.text, found.edits), tuple(found.edits)
            flags = tuple(_locate(found.flags, edits, text))
            yield Repaired(text, edits, found.log_prob, profile, reason, block.text, flags)

    def _choose_profile(self, sample: list[Token]) -> tuple[str, str, ProfileSettings]:
        """The profile of a text by its beginning, the reason for it, and its settings."""
        profile, reason = self.config.profile, "asked for"
        lexicon = self._lexicon
        if profile == "auto":
            profile, reason = detect_profile(sample, lexicon.bare_syllables, lexicon.index)
        settings = self._settings(profile)
        if profile == "undiacritised":
            lost = share_of_lost_marks(sample, lexicon.bare_syllables, lexicon.index)
            settings = for_half_marked(settings, lost)
        return profile, reason, settings

    def __reduce__(self) -> tuple[Callable[[RestoreConfig], "Restorer"], tuple[RestoreConfig]]:
        """Pickle as the options; the other process loads the models itself, unless given some."""
        return functools.partial(Restorer, models=self._given), (self.config,)

    def _restore_block(
        self,
        block: Block,
        profile: str,
        settings: ProfileSettings,
        n: int,
        kept: list[tuple[int, int]],
        evidence: PageEvidence,
    ) -> _Found:
        """Restore one block, whose edits come in order; what lies in `kept` stays as it is."""
        source = block.text
        builder = self._builder(profile, settings)
        tokens = list(keep_tokens(block.tokens, kept))
        addresses = [token for token in tokens if token.kind is Kind.ADDRESS]
        id_odds = max(settings.min_id_odds, self.config.min_log_odds or 0.0)
        ids = [
            edit
            for edit in self._ids.repair(
                source, builder.channel, id_odds, is_ruined=settings.repairs_codes
            )
            if not any(token.start <= edit.start < token.end for token in addresses)
        ]
        # Offices without end have symbols of their own; only the English model ruins most of them.
        is_known = self._ids.knows if settings.repairs_codes else bool
        unsure = doubtful_ids(ids, tokens, is_known)
        if settings.repairs_codes:
            counted = numeral_edits(source) + item_edits(source)
        else:
            counted = heading_edits(source, evidence)
        ids = sorted(ids + without_touching(counted, _spans(ids)), key=_start)
        taken = [(edit.start, edit.end) for edit in ids]
        edits = [edit for edit in ids if edit.before != edit.after]
        with self._lock:
            segments = self._segments(tokens, taken, builder, settings, evidence)
        log_prob, chosen, judgements = self._decode(segments, settings)
        decisions = decide(chosen, judgements, settings, profile, self._user.first_new)
        explainer = Explainer(
            source,
            chosen,
            judgements,
            decisions,
            functools.partial(builder.writing, chosen.placed),
            scores_without_context(chosen.placed, self._lexicon, self._model, settings.weights),
            self._user,
        )
        edits += explainer.edits()
        if settings.repairs_codes:
            marks = gap_edits(neighbours(chosen, decisions), self._model) + mark_edits(source)
            edits += without_touching(marks, _spans(edits))
        edits += without_touching(speck_edits(source, evidence), _spans(edits))
        edits = without_touching(sorted(edits, key=_start), kept)
        flags = explainer.readings(decisions.doubtful(self.config.flag_below), FLAG_ALTERNATIVES)
        flags += (reading for reading in unsure if reading.probability < self.config.flag_below)
        readings: list[Reading] = []
        if n:
            words = np.flatnonzero(decisions.is_word).tolist()
            readings = sorted(explainer.readings(words, n) + unsure, key=_start)
        return _Found(edits, sorted(flags, key=_start), readings, log_prob)

    def _settings(self, profile: str) -> ProfileSettings:
        settings = self._models.settings[profile]
        if self.config.language_model_weight is not None:
            weights = dataclasses.replace(
                settings.weights, language_model=self.config.language_model_weight
            )
            settings = dataclasses.replace(settings, weights=weights)
        if self.config.min_log_odds is not None:
            settings = dataclasses.replace(
                settings, min_log_odds=self.config.min_log_odds, witnessed_odds=None
            )
        return settings

    def _builder(self, profile: str, settings: ProfileSettings) -> LatticeBuilder:
        builder = self._builders.get(profile)
        if builder is None:
            channel = dataclasses.replace(
                self._models.channel(profile), word_share=settings.word_share
            )
            channel = self._user.extend_channel(channel)
            builder = self._builders[profile] = LatticeBuilder(
                self._lexicon,
                channel,
                self._model,
                settings,
                self.config.max_candidates,
                self._user.first_new,
            )
        return builder

    def _segments(
        self,
        tokens: list[Token],
        taken: list[tuple[int, int]],
        builder: LatticeBuilder,
        settings: ProfileSettings,
        evidence: PageEvidence,
    ) -> list[Segment]:
        """Divide tokens into sentences; what belongs to a document id is one code word."""
        readings = builder.channel.words if settings.repairs_codes else None
        sentences = [
            keep_foreign(sentence, self._lexicon.bare_syllables)
            for sentence in divide(shield(tokens, taken, readings))
        ]
        builder.prepare(list(itertools.chain.from_iterable(sentences)))
        return [make_segment(sentence, builder, evidence) for sentence in sentences]

    def _decode(
        self, segments: list[Segment], settings: ProfileSettings
    ) -> tuple[float, Chosen, Judgements]:
        """Decode twice: the second time with what the first found the document to say.

        Returns:
            Log P of the best hypotheses, nats; what they chose, and how surely.
        """
        lattices = pack([segment.sentence for segment in segments])
        lexicon, model, weights = self._lexicon, self._model, settings.weights
        width = self.config.beam or settings.beam
        cache = self._user.adapt(None)
        for is_last in (not settings.adapts, True):
            decoded = decode_all(lattices, lexicon, model, weights, width, cache)
            chosen = choices_in(segments, lattices, decoded)
            judgements = judge(chosen.placed, lexicon, model, weights, cache)
            is_short = len(chosen.position) < MIN_ADAPTED_WORDS
            if is_last or is_short:
                break
            found = build_cache(chosen.sequences(judgements.posterior), len(lexicon.words))
            if found is None:
                break
            cache = self._user.adapt(found)
        return float(decoded.log_probs.sum()), chosen, judgements


def _start(record: Edit | Reading) -> int:
    return record.start


def _spans(edits: Iterable[Edit]) -> list[tuple[int, int]]:
    return sorted((edit.start, edit.end) for edit in edits)


def _locate(readings: Sequence[Reading], edits: Sequence[Edit], text: str) -> Iterator[Reading]:
    """Readings with their places in the output, and as they stand there."""
    spans = output_spans(edits, ((reading.start, reading.end) for reading in readings))
    for reading, (start, end) in zip(readings, spans, strict=True):
        chosen, alternatives = text[start:end], reading.alternatives
        if chosen != reading.chosen:  # a rule had the last word on a mark at its edge
            others = (other for other in alternatives[1:] if other.text != chosen)
            alternatives = (dataclasses.replace(alternatives[0], text=chosen), *others)
        yield dataclasses.replace(
            reading,
            chosen=chosen,
            alternatives=alternatives,
            output_start=start,
            output_end=end,
        )


def _renew_locks() -> None:
    """Free what threads of the parent held: in a forked child they are not there to free it."""
    for restorer in list(_ALIVE):
        restorer._lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)


@functools.lru_cache(maxsize=8)
def _cached(config: RestoreConfig) -> Restorer:
    return Restorer(config)


def restore_and_explain(
    text: str, config: RestoreConfig = DEFAULTS.restore, evidence: Sequence[Evidence] = ()
) -> Repaired:
    """Repair wrong and missing marks and look-alike letters, and say what was changed.

    Args:
        text: OCR output or text typed without marks; any normal form. Line ends are kept.
        config: Options; the models are loaded once per distinct config.
        evidence: What the page says of the words that were read from it; see `Restorer.restore`.

    Returns:
        The text with every edit. `apply_edits(result.source, result.edits) == result.text`.

    Raises:
        ConfigError: The evidence does not fit the text.
        ResourceError: A file of the dictionaries is missing, altered or of another version.
    """
    return _cached(config).restore(text, evidence)


def restore(text: str, config: RestoreConfig = DEFAULTS.restore) -> str:
    """The text of `restore_and_explain(text, config)`."""
    return restore_and_explain(text, config).text


def n_best(text: str, n: int = 5, config: RestoreConfig = DEFAULTS.restore) -> tuple[Reading, ...]:
    """What each word of a text may have been; see `Restorer.n_best`.

    Raises:
        ConfigError: `n` is less than 1.
        ResourceError: A file of the dictionaries is missing, altered or of another version.
    """
    return _cached(config).n_best(text, n)
