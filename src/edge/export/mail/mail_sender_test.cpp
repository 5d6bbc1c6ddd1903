#include "edge/export/mail/mail_sender.h"

#include "tests/support/databases.h"
#include "tests/support/people.h"

#include "domain/authn/mail_outbox.h"
#include "domain/authn/person_notice.h"
#include "domain/directory/person_mail.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::mail {

namespace {

using namespace std::chrono_literals;
using test::People;
using test::TestPerson;

// A mail server's answers, in a test's hand.
struct Carrier final : MailCarrier {
    SmtpAnswer send(const MailAddress& to, const std::string& message) override {
        sent.emplace_back(to.text(), message);
        return {.result = answer, .code = 0, .why = {}};
    }

    SmtpResult answer = SmtpResult::taken;
    std::vector<std::pair<std::string, std::string>> sent;
};

std::string message_id(const std::string& message) {
    const auto start = message.find("Message-ID: ");
    return message.substr(start, message.find('\r', start) - start);
}

struct Post {
    explicit Post(store::Database& database)
        : people(database),
          source(people.clock, people.random, "test"),
          sender(
              {.database = database,
               .keys = people.keys,
               .moments = source,
               .from = MailAddress::parse("sallyport@hospital.example").value(),
               .origin = "https://sallyport.example.org",
               .host = "sallyport.example.org",
               .languages = {Language::english, Language::german}},
              std::move(owned)
          ) {
        set_address("anna@example.org");
        take_all();
    }

    void set_address(const char* address) {
        people.database().write([&](store::Tx& tx) {
            directory::set_person_mail(
                tx, people.now(), anna.person, MailAddress::parse(address).value()
            );
        });
    }

    void notify(std::string_view subject) {
        people.database().write([&](store::Tx& tx) {
            authn::notify(
                tx, people.now(), anna.account, authn::NoticeKind::authenticator_bound, subject
            );
        });
    }

    std::size_t turn() { return sender.turn(stopping); }

    void take_all() {
        while (turn() != 0) {
        }
        carrier.sent.clear();
    }

    std::size_t waiting() {
        return static_cast<std::size_t>(people.database().read([](store::Tx& tx) {
            return tx.query("SELECT COUNT(*) FROM mail_outbox").front().integer(0);
        }));
    }

    bool stuck() {
        return people.database().read([&](store::Tx& tx) {
            return authn::is_mail_stuck(tx, people.now());
        });
    }

    People people;
    TestPerson anna = people.first_administrator();
    MomentSource source;
    std::unique_ptr<Carrier> owned = std::make_unique<Carrier>();
    Carrier& carrier = *owned;
    std::atomic<bool> stopping{false};
    MailSender sender;
};

template <class Body>
void on_each_engine(Body body) {
    test::for_each_engine([&](store::Database& database) {
        Post post(database);
        body(post);
    });
}

TEST_CASE("a notice goes to its person's address, once, and leaves nothing behind") {
    on_each_engine([](Post& post) {
        post.notify("My phone");
        CHECK(post.turn() == 1);
        REQUIRE(post.carrier.sent.size() == 1);
        CHECK(post.carrier.sent.front().first == "anna@example.org");
        const auto& message = post.carrier.sent.front().second;
        CHECK(message.contains("My phone"));
        CHECK(message.contains("https://sallyport.example.org/security"));
        CHECK(message.contains("was added to your account"));
        CHECK(message.contains("wurde Ihrem Konto hinzugef=C3=BCgt"));
        CHECK_FALSE(message.contains("anna.admin"));
        CHECK(post.turn() == 0);
        CHECK(post.waiting() == 0);
    });
}

TEST_CASE("whoever has no address is not written to") {
    on_each_engine([](Post& post) {
        post.people.database().write([&](store::Tx& tx) {
            directory::set_person_mail(tx, post.people.now(), post.anna.person, std::nullopt);
        });
        post.notify("My phone");
        CHECK(post.waiting() == 0);
    });
}

TEST_CASE("a mail that was not taken is tried again, later each time, under the same Message-ID") {
    on_each_engine([](Post& post) {
        post.carrier.answer = SmtpResult::later;
        post.notify("My phone");
        auto delay = std::chrono::seconds(authn::mail_delay_min);
        for (int i = 0; i < 8; ++i) {
            CHECK(post.turn() == 0);
            CHECK(post.carrier.sent.size() == static_cast<std::size_t>(i) + 1);
            post.people.clock.advance(delay - 1s);
            CHECK(post.turn() == 0);
            CHECK(post.carrier.sent.size() == static_cast<std::size_t>(i) + 1);
            post.people.clock.advance(1s);
            delay = std::min<std::chrono::seconds>(2 * delay, authn::mail_delay_max);
        }
        post.carrier.answer = SmtpResult::taken;
        CHECK(post.turn() == 1);
        CHECK(post.waiting() == 0);
        const auto id = message_id(post.carrier.sent.front().second);
        for (const auto& [to, message] : post.carrier.sent)
            CHECK(message_id(message) == id);
    });
}

TEST_CASE("a mail that the server refuses for good is not sent again") {
    on_each_engine([](Post& post) {
        post.carrier.answer = SmtpResult::refused;
        post.notify("My phone");
        CHECK(post.turn() == 0);
        CHECK(post.waiting() == 0);
    });
}

TEST_CASE("a queue that does not move shows, and what came to its end is forgotten") {
    on_each_engine([](Post& post) {
        post.carrier.answer = SmtpResult::later;
        post.notify("My phone");
        CHECK(post.turn() == 0);
        post.people.clock.advance(authn::mail_stuck_after);
        CHECK_FALSE(post.stuck());
        CHECK(post.turn() == 0);
        CHECK(post.stuck());
        post.people.clock.advance(authn::notice_mail_life);
        CHECK(post.turn() == 0);
        CHECK(post.carrier.sent.size() == 2);
        const auto forgotten = post.people.database().write([&](store::Tx& tx) {
            return authn::forget_overdue_mails(tx, post.people.now());
        });
        CHECK(forgotten == 1);
        CHECK_FALSE(post.stuck());
    });
}

TEST_CASE("a notice whose change is undone is not sent") {
    on_each_engine([](Post& post) {
        const auto undone = post.people.database().write([&](store::Tx& tx) -> Result<void> {
            return tx.attempt([&]() -> Result<void> {
                authn::notify(
                    tx,
                    post.people.now(),
                    post.anna.account,
                    authn::NoticeKind::authenticator_bound,
                    "My phone"
                );
                return refuse(Refusal::denied, "test.undone");
            });
        });
        CHECK_FALSE(undone);
        CHECK(post.waiting() == 0);
    });
}

TEST_CASE("a code on its way is sealed in the store, and ends with its time") {
    on_each_engine([](Post& post) {
        const auto code = test::secret("AAAA-BBBB-CCCC-DDDD");
        post.people.database().write([&](store::Tx& tx) {
            authn::post_code(
                tx,
                post.people.now(),
                post.people.keys,
                MailAddress::parse("pat@example.org").value(),
                {.code = code.clone(), .ends_at = post.people.now().now + 1h}
            );
        });
        const auto stored = post.people.database().read([](store::Tx& tx) {
            return tx.query("SELECT sealed_code, subject FROM mail_outbox").front();
        });
        CHECK_FALSE(as_text(stored.blob(0)).contains("BBBB"));
        CHECK(stored.text(1).empty());
        CHECK(post.turn() == 1);
        CHECK(post.carrier.sent.front().second.contains("AAAA-BBBB-CCCC-DDDD"));
    });
}

TEST_CASE("the queue has a bound, and what comes on top changes nothing else") {
    on_each_engine([](Post& post) {
        post.people.database().write([&](store::Tx& tx) {
            tx.execute(
                "INSERT INTO mail_outbox (id, recipient, kind, subject, written_at, ends_at, "
                "next_try_at, tries) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM "
                "n WHERE i < ?) SELECT 'row-' || i, 'x@example.org', 'incident_closed', '', 0, 0, "
                "0, 0 FROM n",
                {static_cast<std::int64_t>(authn::mails_waiting_max)}
            );
        });
        post.notify("My phone");
        CHECK(post.waiting() == authn::mails_waiting_max);
        const auto notices = post.people.database().read([&](store::Tx& tx) {
            return authn::unread_notices(tx, post.anna.account);
        });
        CHECK(notices.front().subject == "My phone");
    });
}

}  // namespace

}  // namespace sallyport::mail
