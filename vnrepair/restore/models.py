"""What a restorer is made of, in one record, so that any part can be exchanged for another.

`load_models` reads a folder of dictionaries; `dataclasses.replace` puts in another language model,
another channel, or other weights of the profiles. That is how the benchmarks measure what each part
is worth, and how weights are tuned, without touching a global.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vnrepair.restore.channel import Channel, load_channel
from vnrepair.restore.document_ids import IdGrammar
from vnrepair.restore.language_model import NgramLanguageModel
from vnrepair.restore.lexicon import Lexicon, load_lexicon
from vnrepair.restore.manifest import load_language_model
from vnrepair.restore.profiles import PROFILE_SETTINGS, ProfileSettings

__all__ = ["Models", "load_models"]


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """The parts of a restorer.

    Attributes:
        language_model: P(intended).
        lexicon: The words that may be written; the language model must know them by their numbers.
        ids: The grammar of document ids.
        channel: Gives P(observed | intended) for a profile; asked when the profile is first used.
        settings: For each profile its weights.
    """

    language_model: NgramLanguageModel
    lexicon: Lexicon
    ids: IdGrammar
    channel: Callable[[str], Channel]
    settings: Mapping[str, ProfileSettings]


def load_models(folder: Path) -> Models:
    """The models of a folder of dictionaries, with the settings of the profiles.

    Raises:
        ResourceError: A file is missing, altered or of another version.
    """
    return Models(
        load_language_model(folder),
        load_lexicon(folder),
        IdGrammar(folder),
        functools.partial(load_channel, folder),
        PROFILE_SETTINGS,
    )
