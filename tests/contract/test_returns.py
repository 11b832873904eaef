"""What is asked of the outbox when mail comes back."""

from __future__ import annotations

import threading

from engine.store import Store
from tests.contract.samples import DUE, claim, hand, letter, look, new_mail, plan


def test_a_secret_is_made_once(store: Store) -> None:
    with store.write() as tx:
        secret = tx.secret("of tests")
        assert tx.secret("of tests") == secret
        assert tx.secret("another") != secret
    assert len(secret) == 32
    with store.read() as tx:
        assert tx.secret("of tests") == secret


def test_two_who_are_first_at_once_have_one_secret(store: Store) -> None:
    ready, found = threading.Barrier(4), list[bytes]()

    def make() -> None:
        ready.wait()
        with store.write(alone=False) as tx:
            found.append(tx.secret("of tests"))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_a_letter_is_found_by_its_number_and_by_its_message_id(store: Store) -> None:
    first, second = letter(party="NR"), letter(party="FJ")
    plan(store, [first, second])
    with store.read() as tx:
        assert tx.first_mail_at() is None
        assert tx.letter_of_message([]) is None
    claim(store)
    hand(store, first.key)
    hand(store, second.key)
    with store.read() as tx:
        assert tx.key_of(look(store, second.key).id) == second.key
        assert tx.key_of(999) is None
        ids = [new_mail(each.key).message_id for each in (first, second)]
        assert tx.letter_of_message(["<other@example.org>", ids[1], ids[0]]) == second.key
        assert tx.letter_of_message(["<other@example.org>"]) is None
        assert tx.sent_to(first.key) == {"mission@nr.example", "capital@nr.example"}
        assert tx.sent_to("none") == frozenset()
        assert tx.first_mail_at() == DUE
