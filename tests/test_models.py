"""Every part of a restorer can be exchanged, and nothing is exchanged unasked."""

import dataclasses
import pickle

import pytest

from vnrepair.config import PROFILES, RestoreConfig
from vnrepair.records import Edit
from vnrepair.restore.channel import Channel
from vnrepair.restore.document_ids import IdGrammar
from vnrepair.restore.lexicon import find_dictionaries
from vnrepair.restore.models import Models, load_models
from vnrepair.restore.profiles import PROFILE_SETTINGS
from vnrepair.restore.restorer import Restorer

BARE = RestoreConfig(profile="undiacritised")
GARBLED = RestoreConfig(profile="tesseract-eng")


@pytest.fixture(scope="module")
def models() -> Models:
    return load_models(find_dictionaries())


def test_given_models_restore_as_those_of_the_folder(models: Models) -> None:
    text = "Ké hoach thuc hién quy ché dan chu & co s&, so 42/QD-UBND"
    assert Restorer(GARBLED, models=models).restore(text) == Restorer(GARBLED).restore(text)


def test_every_profile_has_settings_and_a_channel(models: Models) -> None:
    for profile in set(PROFILES) - {"auto"}:
        assert models.channel(profile).name == profile
        assert models.settings[profile] is PROFILE_SETTINGS[profile]


def test_the_language_model_is_the_one_that_was_given(models: Models) -> None:
    flat = dataclasses.replace(
        models.language_model,
        unigram_log_prob=-models.language_model.unigram_log_prob,  # the rarest first
    )
    changed = Restorer(BARE, models=dataclasses.replace(models, language_model=flat))
    text = "Nguoi dan can biet"
    assert changed.restore(text).text != Restorer(BARE, models=models).restore(text).text


def test_the_channel_is_the_one_that_was_given(models: Models) -> None:
    def identity(profile: str) -> Channel:
        whole = models.channel(profile)
        return dataclasses.replace(whole, letters={}, words={}, totals={})

    text = "Nguoi dan can biet thu tuc"
    assert Restorer(BARE, models=models).restore(text).edits
    closed = Restorer(BARE, models=dataclasses.replace(models, channel=identity))
    assert closed.restore(text).text == text


def test_the_settings_are_those_that_were_given(models: Models) -> None:
    timid = {
        name: dataclasses.replace(old, min_log_odds=1e6) for name, old in models.settings.items()
    }
    text = "Nguoi dan can biet thu tuc"
    changed = Restorer(BARE, models=dataclasses.replace(models, settings=timid))
    assert changed.restore(text).text == text


def test_the_id_grammar_is_the_one_that_was_given(models: Models) -> None:
    class NoIds(IdGrammar):
        def repair(
            self, text: str, channel: Channel, min_log_odds: float, *, is_ruined: bool = False
        ) -> list[Edit]:
            del text, channel, min_log_odds, is_ruined
            return []

    text = "Quyet dinh so 42/QD-UBND cua Uy ban"
    changed = Restorer(
        GARBLED, models=dataclasses.replace(models, ids=NoIds(find_dictionaries()))
    ).restore(text)
    whole = Restorer(GARBLED, models=models).restore(text)
    assert any(edit.cause == "restore/id" for edit in whole.edits)
    assert all(edit.cause != "restore/id" for edit in changed.edits)


def test_a_pickled_copy_takes_given_settings_along(models: Models) -> None:
    timid = {
        name: dataclasses.replace(old, min_log_odds=1e6) for name, old in models.settings.items()
    }
    changed = Restorer(BARE, models=dataclasses.replace(models, settings=timid))
    copy: Restorer = pickle.loads(pickle.dumps(changed))
    text = "Nguoi dan can biet thu tuc"
    assert copy.restore(text) == changed.restore(text)
    assert copy.restore(text).text == text


def test_a_pickled_copy_without_given_models_stays_small() -> None:
    assert len(pickle.dumps(Restorer(BARE))) < 10_000
