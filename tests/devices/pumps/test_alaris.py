"""The Alaris pump: what is asked, in which order, and what its answers mean. It is never commanded."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.readings import PumpFrame, PumpMode, Syringe
from devices.framing import alaris_frame
from devices.pumps.alaris import QUERIES, Alaris

# The status of a real Alaris GH, quoted in github.com/mickeywstahl/MDDT @58ed35f: occluded, on hold.
OCCLUDED = b"!INF^8002-51733^A^HLD^0.00^ml/h^^0.969^ml^530.15^mmHg^00:04:09^EVENT^214725|DB9D\r"
RUNNING = "INF^8002-51733^-^SET^5.00^ml/h^^1.250^ml^17.91^mmHg^03:45:00^EVENT^127904"
SYRINGE = "SYRINGE_STATUS^BD PLASTIPAK^ 50^CONF"

REPLIES = {
    "INST_SERIALNO": "INST_SERIALNO^8002-51733",
    "COMMS_PROTOCOL": "COMMS_PROTOCOL^Asena Rev 2.1.5",
    "COMMS_RESPONSE_MAX": "COMMS_RESPONSE_MAX^4000^ms",
    "SYRINGE_STATUS": SYRINGE,
    "INF_RATE_MAX_SYRINGE": "INF_RATE_MAX_SYRINGE^1200.00^ml/h",
    "INF": RUNNING,
    "ALARM": "ALARM^AL_OCCLU^ ^ ",
}


class Conversation:
    """A pump that answers each question with these replies, in steps of a tenth of a second."""

    def __init__(self, **replies: str | None) -> None:
        self.driver = Alaris()
        self.replies: dict[str, str | None] = {**REPLIES, **replies}
        self.asked: list[tuple[float, str]] = []
        self.frames: list[PumpFrame] = []
        self._tenths = 0

    def go_on(self, seconds: float) -> Conversation:
        for _ in range(round(seconds * 10)):
            for question in self.driver.requests(self._tenths / 10):
                word = question[1 : question.index(b"|")].decode()
                self.asked.append((self._tenths / 10, word))
                if reply := self.replies[word]:
                    self.say(reply)
            self._tenths += 1
        return self

    def say(self, payload: str) -> None:
        for frame in self.driver.feed(alaris_frame(payload)):
            assert isinstance(frame, PumpFrame)
            self.frames.append(frame)

    def times(self, word: str) -> list[float]:
        return [at for at, asked in self.asked if asked == word]


def frame_of(payload: str) -> PumpFrame:
    (frame,) = Alaris().feed(alaris_frame(payload))
    assert isinstance(frame, PumpFrame)
    return frame


def test_every_query_goes_out_with_the_checksum_that_was_seen_on_a_real_line() -> None:
    assert QUERIES == {
        "INST_SERIALNO": b"!INST_SERIALNO|457D\r",
        "COMMS_PROTOCOL": b"!COMMS_PROTOCOL|E8DA\r",
        "COMMS_RESPONSE_MAX": b"!COMMS_RESPONSE_MAX|7E29\r",
        "SYRINGE_STATUS": b"!SYRINGE_STATUS|4102\r",
        "INF_RATE_MAX_SYRINGE": b"!INF_RATE_MAX_SYRINGE|8F30\r",
        "INF": b"!INF|4961\r",
        "ALARM": b"!ALARM|50B2\r",
    }


def test_whatever_the_pump_says_nothing_but_the_queries_is_ever_sent() -> None:
    chance = random.Random(11)
    sayings = [
        *REPLIES.values(),
        RUNNING.replace("^-^", "^A^"),
        "REMOTE_CTRL^ENABLED^****^PERMIT^0^ms",
        "INF^^^^",
    ]
    sent: set[bytes] = set()
    for _ in range(40):
        driver, now = Alaris(), 0.0
        for _ in range(200):
            now += chance.choice((0.0, 0.05, 0.3, 1.0, 100.0))
            sent.update(driver.requests(now))
            data = alaris_frame(chance.choice(sayings)) + chance.randbytes(chance.choice((0, 0, 5)))
            driver.feed(data[chance.choice((0, 0, 3)) :])
    assert sent == set(QUERIES.values())


def test_one_question_waits_at_a_time() -> None:
    driver = Alaris()
    assert len(driver.requests(0.0)) == 1
    assert driver.requests(0.1) == driver.requests(0.4) == ()


def test_a_question_is_asked_twice_half_a_second_apart_then_given_up() -> None:
    talk = Conversation(INST_SERIALNO=None).go_on(2)
    assert talk.times("INST_SERIALNO") == [0.0, 0.5]
    assert talk.times("SYRINGE_STATUS")[0] == 1.0


def test_the_status_is_asked_for_every_second_and_the_syringe_every_four() -> None:
    talk = Conversation().go_on(13)
    assert talk.times("INF") == pytest.approx([0.3, *range(1, 13)])
    assert [at for at in talk.times("SYRINGE_STATUS") if at >= 2] == pytest.approx([4.1, 8.1, 12.1])
    assert len(talk.frames) == 13


def test_a_silent_pump_goes_on_being_asked() -> None:
    talk = Conversation(**dict.fromkeys(REPLIES)).go_on(30)
    assert len(talk.asked) >= 55
    assert {word for at, word in talk.asked if at > 15} == {"INF", "SYRINGE_STATUS"}


def test_an_answer_to_another_question_is_dropped() -> None:
    driver = Alaris()
    driver.requests(0.0)
    assert driver.feed(OCCLUDED) == []


def test_an_answer_after_the_question_was_given_up_is_dropped() -> None:
    talk = Conversation(INF=None).go_on(3)
    while talk.asked[-1][1] != "SYRINGE_STATUS":
        talk.go_on(0.1)
    talk.say(RUNNING)
    assert talk.frames == []


def test_a_status_holds_what_the_pump_said_of_itself_its_syringe_and_its_highest_rate() -> None:
    assert Conversation().go_on(2).frames[-1] == PumpFrame(
        serial="8002-51733",
        mode=PumpMode.RUNNING,
        rate_ml_h=5.0,
        volume_ml=1.25,
        pressure_mmhg=17.91,
        time_left_s=13_500.0,
        alarm=None,
        syringe=Syringe("BD PLASTIPAK", 50.0, True),
        log_id=127904,
        rate_max_ml_h=1200.0,
    )


def test_a_recorded_occlusion_is_read_by_a_driver_that_never_asked() -> None:
    (frame,) = Alaris().feed(OCCLUDED)
    assert frame == PumpFrame(
        serial="8002-51733",
        mode=PumpMode.HELD,
        rate_ml_h=0.0,
        volume_ml=0.969,
        pressure_mmhg=530.15,
        time_left_s=249.0,
        alarm="alarm",
        syringe=None,
        log_id=214725,
    )


def test_an_alarm_is_asked_for_while_it_is_flagged_and_has_its_name_in_the_next_status() -> None:
    talk = Conversation(INF=RUNNING.replace("^-^", "^A^")).go_on(2.5)
    assert [frame.alarm for frame in talk.frames] == ["alarm", "AL_OCCLU", "AL_OCCLU"]
    talk.replies["INF"] = RUNNING
    talk.go_on(2)
    assert talk.frames[-1].alarm is None
    assert len(talk.times("ALARM")) == 3


def test_a_flag_without_a_name_is_still_an_alarm() -> None:
    talk = Conversation(INF=RUNNING.replace("^-^", "^A^"), ALARM="ALARM^AL_NOALM^ ^ ").go_on(3)
    assert talk.frames[-1].alarm == "alarm"


@pytest.mark.parametrize("mode", ["", "KVO", "_NV", "set"])
def test_a_mode_that_is_not_known_is_not_taken_for_running(mode: str) -> None:
    assert frame_of(RUNNING.replace("SET", mode)).mode is PumpMode.UNKNOWN


@pytest.mark.parametrize(
    ("said", "instead", "field"),
    [
        ("5.00^ml/h", "_NV^ml/h", "rate_ml_h"),
        ("5.00^ml/h", "5.00^ug/h", "rate_ml_h"),
        ("5.00^ml/h", "-5.00^ml/h", "rate_ml_h"),
        ("5.00^ml/h", "nan^ml/h", "rate_ml_h"),
        ("1.250^ml", "^ml", "volume_ml"),
        ("1.250^ml", "1.250^l", "volume_ml"),
        ("17.91^mmHg", "-50.00^mmHg", "pressure_mmhg"),
        ("17.91^mmHg", "2.39^kPa", "pressure_mmhg"),
        ("03:45:00", "24+", "time_left_s"),
        ("03:45:00", "", "time_left_s"),
        ("127904", "_NV", "log_id"),
        ("SET", "HLD", "rate_ml_h"),
    ],
)
def test_a_quantity_that_is_not_understood_is_none(said: str, instead: str, field: str) -> None:
    assert getattr(frame_of(RUNNING), field) is not None
    assert getattr(frame_of(RUNNING.replace(said, instead)), field) is None


@pytest.mark.parametrize("payload", ["INF^8002-51733^-^SET^5.00^ml/h", RUNNING.replace("8002-51733", " ")])
def test_a_status_cut_short_or_without_a_serial_number_is_refused(payload: str) -> None:
    driver = Alaris()
    assert driver.feed(alaris_frame(payload)) == []
    assert (driver.counts.good, driver.counts.refused) == (0, 1)


def test_a_syringe_that_nobody_confirmed_is_noticed_within_four_seconds() -> None:
    talk = Conversation().go_on(2)
    talk.replies["SYRINGE_STATUS"] = "SYRINGE_STATUS^BD PLASTIPAK^ 50^UNCONF"
    talk.go_on(6)
    assert talk.frames[-1].syringe == Syringe("BD PLASTIPAK", 50.0, False)


def test_a_key_pressed_at_the_pump_has_the_syringe_asked_for_at_once() -> None:
    talk = Conversation().go_on(2)
    talk.replies["INF"] = RUNNING.replace("127904", "127905")
    talk.go_on(1.5)
    assert talk.times("SYRINGE_STATUS")[-1] == pytest.approx(2.1)


def test_another_syringe_has_its_highest_rate_asked_for() -> None:
    talk = Conversation().go_on(2)
    talk.replies |= {
        "SYRINGE_STATUS": "SYRINGE_STATUS^BD PERFUSOR^ 20^CONF",
        "INF_RATE_MAX_SYRINGE": "INF_RATE_MAX_SYRINGE^600.00^ml/h",
    }
    talk.go_on(4)
    assert talk.frames[-1].syringe == Syringe("BD PERFUSOR", 20.0, True)
    assert talk.frames[-1].rate_max_ml_h == 600.0


def test_a_syringe_that_is_not_told_any_more_is_not_known_any_more() -> None:
    talk = Conversation().go_on(2)
    talk.replies["SYRINGE_STATUS"] = None
    assert talk.go_on(6).frames[-1].syringe is None


def test_another_pump_at_the_port_inherits_nothing() -> None:
    talk = Conversation().go_on(2.5)
    talk.replies |= {"INF": RUNNING.replace("51733", "51740"), "SYRINGE_STATUS": None}
    talk.go_on(1)
    frame = talk.frames[-1]
    assert (frame.serial, frame.syringe, frame.rate_max_ml_h) == ("8002-51740", None, None)


def test_the_protocol_revision_is_known_after_the_first_questions() -> None:
    assert Conversation().go_on(2).driver.protocol == "Asena Rev 2.1.5"


def test_the_quoted_frames_of_real_pumps_are_good_but_for_the_one_typing_error(captures: Path) -> None:
    lines = (captures / "pumps" / "alaris_asena_frames.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    assert len(rows) > 30
    for _, frame, right in rows:
        driver = Alaris()
        driver.feed(b"!" + frame.encode() + b"\r")
        assert (driver.counts.good, driver.counts.bad) == ((1, 0) if right == "True" else (0, 1))
