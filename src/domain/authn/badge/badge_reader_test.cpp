#include "domain/authn/badge/badge_reader.h"

#include "domain/authn/badge/badge_fixture.h"

#include <doctest/doctest.h>

namespace sallyport::authn {

namespace {

using namespace std::chrono_literals;

std::string found(BadgeWard& ward, BytesView token) {
    return reason_of(ward.write([&](store::Tx& tx) { return find_reader(tx, token); }));
}

TEST_CASE("a reader registers once, with a ticket of its workstation, within a quarter of an hour"
) {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.workstation("ward-3-a").workstation;
        const auto ticket = ward.reader_ticket(here, ReaderMode::stay);
        CHECK(reason_of(ward.register_with("")) == "badge_reader.ticket_refused");
        CHECK(reason_of(ward.register_with(std::string(32, 'A'))) == "badge_reader.ticket_refused");
        const auto registered = ward.register_with(ticket);
        REQUIRE(registered.has_value());
        CHECK(registered->reader.workstation.id == here.id);
        CHECK(registered->reader.mode == ReaderMode::stay);
        CHECK(found(ward, registered->token.expose()) == "ok");
        const auto invented = crypto::Secret::random(32);
        CHECK(found(ward, invented.expose()) == "badge_reader.unknown");
        CHECK(reason_of(ward.register_with(ticket)) == "badge_reader.ticket_refused");
        CHECK(ward.people.events("workstation.reader_ticket_issued").size() == 1);
        CHECK(ward.people.events("workstation.reader_registered").size() == 1);

        const auto late = ward.reader_ticket(here);
        ward.people.clock.advance(15min);
        CHECK(reason_of(ward.register_with(late)) == "badge_reader.ticket_refused");
        CHECK(found(ward, registered->token.expose()) == "ok");  // the old one works on
    });
}

TEST_CASE("a workstation has one reader: a new one, or a ticket made anew, ends the earlier") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.workstation("ward-3-a").workstation;
        const auto first_ticket = ward.reader_ticket(here);
        const auto second_ticket = ward.reader_ticket(here);
        CHECK(reason_of(ward.register_with(first_ticket)) == "badge_reader.ticket_refused");
        const auto first = ward.register_with(second_ticket);
        REQUIRE(first.has_value());
        const auto second = ward.register_with(ward.reader_ticket(here));
        REQUIRE(second.has_value());
        CHECK(found(ward, first->token.expose()) == "badge_reader.unknown");
        CHECK(found(ward, second->token.expose()) == "ok");
    });
}

TEST_CASE("the reader of a workstation that was removed is told nothing more") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.workstation("ward-3-a").workstation;
        const auto ticket = ward.reader_ticket(here);
        const auto other = ward.workstation("ward-3-b").workstation;
        const auto registered = ward.register_with(ward.reader_ticket(other));
        REQUIRE(registered.has_value());
        ward.remove(here);
        ward.remove(other);
        CHECK(reason_of(ward.register_with(ticket)) == "badge_reader.ticket_refused");
        CHECK(found(ward, registered->token.expose()) == "badge_reader.unknown");
        const auto issued = ward.write([&](store::Tx& tx) {
            const auto by = ward.people.acting(ward.administrator);
            return issue_reader_ticket(tx, ward.people.now(), here.id, ReaderMode::tap, by);
        });
        CHECK(reason_of(issued) == "workstation.unknown");
    });
}

TEST_CASE("neither a reader's token nor its ticket is in a table") {
    BadgeWard::on_each_engine([](BadgeWard& ward) {
        const auto here = ward.workstation("ward-3-a").workstation;
        const auto registered = ward.register_with(ward.reader_ticket(here));
        REQUIRE(registered.has_value());
        const auto ticket = ward.reader_ticket(here);
        ward.write([&](store::Tx& tx) {
            const auto token = registered->token.expose();
            const Bytes plain(token.begin(), token.end());
            CHECK(tx.query("SELECT 1 FROM badge_reader WHERE token_digest = ?", {plain}).empty());
            const auto text = as_bytes(ticket);
            const Bytes code(text.begin(), text.end());
            CHECK(
                tx.query("SELECT 1 FROM badge_reader_ticket WHERE code_digest = ?", {code}).empty()
            );
        });
    });
}

}  // namespace

}  // namespace sallyport::authn
