"""An administrator seals the key at the running chair: the record goes on, and the next start asks."""

from __future__ import annotations

from pathlib import Path

from app.audit import KEY_SEALED, PASSPHRASE_CHANGED
from app.entries import Audited
from app.messages import FirstRunDone, OpenPatient, SealRecord, SignIn, StaffDraft
from db import keys, sealing
from db.export import read_all
from db.unsealing import SealedFolder, needs_passphrase
from db.verify import verify
from devices.clock import boot_id, system_clock
from tests.journeys.live import BORN, Chair

FIRST, SECOND = "zq five words in a row", "zq six words in a long row"


def test_a_key_sealed_and_changed_at_the_screen_is_asked_for_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    chair = Chair(folder)
    try:
        chair.until(lambda s: s.phase == "first-run", "the first run")
        staff = (
            StaffDraft("L. Keller", "LK", ("nurse", "administrator"), "1111"),
            StaffDraft("Dr. A. Mora", "AM", ("anesthetist",), "3333"),
        )
        assert chair.touch(FirstRunDone("Clinic", staff, ())).state == "taken"
        chair.until(lambda s: len(s.staff) == 2, "the staff")
        assert chair.touch(SignIn(chair.staff("LK"), "1111")).state == "taken"
        assert chair.touch(SealRecord(FIRST, "2222")).reason.startswith("Wrong PIN")
        assert chair.touch(SealRecord(FIRST, "1111")).state == "taken"
        sealed = chair.until(lambda s: s.key is not None and s.key.kept == "sealed", "the key sealed").key
        assert sealed is not None
        assert "key rotate" in sealed.done
        assert chair.touch(SealRecord(SECOND, "1111")).state == "taken"
        new = OpenPatient("417", "Rosa Martin", BORN, "female", 70.0, (), True)
        assert chair.touch(new).state == "taken"
        chair.until(lambda s: s.saved.state == "saved", "the patient on disk")
    finally:
        chair.parts.stop()
    sealing.lock(folder)
    assert not (folder / keys.KEY_FILE).exists()
    assert needs_passphrase(folder)
    key = SealedFolder(folder, system_clock, boot_id())
    assert "Not the passphrase" in key.try_passphrase(FIRST)
    assert key.try_passphrase(SECOND) == ""
    entries, _newest = read_all(folder)
    told = [entry.body.what for entry in entries if isinstance(entry.body, Audited)]
    assert [what for what in told if what in (KEY_SEALED, PASSPHRASE_CHANGED)] == [
        KEY_SEALED,
        PASSPHRASE_CHANGED,
    ]
    assert verify(folder).good
    secrets = (FIRST.encode(), SECOND.encode())
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in files if any(secret in path.read_bytes() for secret in secrets)]
