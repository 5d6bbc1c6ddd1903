#include "edge/export/mail/mail_text.h"

#include "tests/support/people.h"

#include "edge/export/mail/notice_mail.h"
#include "edge/export/mail/words.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace sallyport::mail {

namespace {

using authn::NoticeKind;

const std::string origin = "https://sallyport.example.org";
const std::vector<Language> both = {Language::english, Language::german};
const std::vector<Language> german_first = {Language::german, Language::english};

// Every kind, from the first to the last.
constexpr int kinds = static_cast<int>(NoticeKind::second_factor_due) + 1;

Time time(std::string_view text) {
    return parse_time(text).value();
}

authn::Mail mail_with(std::variant<authn::PersonNotice, authn::MailedCode> content) {
    const auto now = time("2026-11-22T08:30:00Z");
    return {
        .id = authn::MailId::parse("0193b3a4-5c6d-7e8f-9a0b-1c2d3e4f5061").value(),
        .to = MailAddress::parse("pat@example.org").value(),
        .content = std::move(content),
        .written_at = now,
        .tries = 1,
    };
}

authn::Mail notice(NoticeKind kind, const std::string& subject) {
    return mail_with(authn::PersonNotice{
        .kind = kind, .subject = subject, .written_at = time("2026-11-22T08:30:00Z")
    });
}

authn::Mail code() {
    return mail_with(authn::MailedCode{
        .code = test::secret("AAAA-BBBB-CCCC-DDDD"),
        .ends_at = time("2026-11-22T12:30:00Z"),
    });
}

std::size_t count(std::string_view text, std::string_view piece) {
    std::size_t found = 0;
    for (auto at = text.find(piece); at != text.npos; at = text.find(piece, at + 1)) {
        ++found;
    }
    return found;
}

TEST_CASE("what is filled into a text stands there as it is, in either language") {
    constexpr Words words{"“{}” was added.", "„{}“ wurde hinzugefügt."};
    CHECK(words.in(Language::english, "My {} phone") == "“My {} phone” was added.");
    CHECK(words.in(Language::german, "{0} %s") == "„{0} %s“ wurde hinzugefügt.");
}

TEST_CASE("a notice says in one mail, in both languages, what happened and what to do") {
    const auto text = mail_text(notice(NoticeKind::authenticator_bound, "My phone"), both, origin);
    CHECK(
        text.subject ==
        "Something about how you sign in has changed / An Ihrer Anmeldung hat sich etwas geändert"
    );
    CHECK(
        text.body ==
        "Deutsch: siehe unten.\n"
        "\n"
        "“My phone” was added to your account: it signs in as you from now on.\n"
        "\n"
        "When: 2026-11-22T08:30:00.000Z\n"
        "\n"
        "If this wasn't you, or you did not expect it, sign in and say so under “Your security”:\n"
        "https://sallyport.example.org/security\n"
        "If you can't sign in, call your help desk.\n"
        "\n"
        "This mail was sent by a program. No one will ever ask you for your passphrase or a code "
        "by mail.\n"
        "\n"
        "* * *\n"
        "\n"
        "„My phone“ wurde Ihrem Konto hinzugefügt: Damit kann man sich von jetzt an als Sie "
        "anmelden.\n"
        "\n"
        "Wann: 2026-11-22T08:30:00.000Z\n"
        "\n"
        "Wenn Sie das nicht waren oder es nicht erwartet haben, melden Sie sich an und sagen Sie "
        "es unter „Ihre Sicherheit“:\n"
        "https://sallyport.example.org/security\n"
        "Wenn Sie sich nicht anmelden können, rufen Sie Ihren Helpdesk an.\n"
        "\n"
        "Diese Mail kommt von einem Programm. Niemand wird Sie je per Mail nach Ihrer Passphrase "
        "oder einem Code fragen.\n"
    );
}

TEST_CASE("the languages follow the configured order, and one alone is alone") {
    const auto mail = notice(NoticeKind::mail_address_changed, "");
    const auto turned = mail_text(mail, german_first, origin);
    CHECK(turned.subject == "Ihre Mailadresse wurde geändert / Your mail address was changed");
    CHECK(turned.body.starts_with("English: see below.\n\nDie Administration hat"));
    CHECK(turned.body.find("Wann:") < turned.body.find("When:"));
    const auto german = mail_text(mail, {Language::german}, origin);
    CHECK(german.subject == "Ihre Mailadresse wurde geändert");
    CHECK(german.body.starts_with("Die Administration hat"));
    CHECK_FALSE(german.body.contains("When:"));
    CHECK_FALSE(german.body.contains("* * *"));
    const auto english = mail_text(mail, {Language::english}, origin);
    CHECK(english.subject == "Your mail address was changed");
    CHECK_FALSE(english.body.contains("Wann:"));
    CHECK_FALSE(english.body.contains("* * *"));
}

TEST_CASE("a code stands in each language's part on a line of its own, with where to type it") {
    const auto text = mail_text(code(), both, origin);
    CHECK(text.subject == "Your recovery code / Ihr Wiederherstellungscode");
    CHECK_FALSE(text.subject.contains("AAAA"));
    CHECK(count(text.body, "\n    AAAA-BBBB-CCCC-DDDD\n") == 2);
    CHECK(count(text.body, "\nhttps://sallyport.example.org/forgot/code\n") == 2);
    CHECK(text.body.contains("It works once, until 2026-11-22T12:30:00.000Z."));
    CHECK(text.body.contains("Er gilt einmal, bis 2026-11-22T12:30:00.000Z."));
}

TEST_CASE("every kind of notice says something of its own, in each language") {
    for (int i = 0; i < kinds; ++i) {
        const auto kind = static_cast<NoticeKind>(i);
        CAPTURE(authn::to_text(kind));
        const auto& words = notice_mail(kind);
        CHECK(words.subject.in(Language::english) != words.subject.in(Language::german));
        CHECK(words.happened.in(Language::english) != words.happened.in(Language::german));
        for (int other = 0; other < i; ++other) {
            const auto& others = notice_mail(static_cast<NoticeKind>(other));
            CHECK(words.happened.in(Language::german) != others.happened.in(Language::german));
            CHECK(words.happened.in(Language::english) != others.happened.in(Language::english));
        }
        // Nothing that people typed reaches a header.
        const auto text = mail_text(notice(kind, "My phone"), both, origin);
        CHECK_FALSE(text.subject.contains("My phone"));
        CHECK_FALSE(text.subject.contains('\n'));
        CHECK_FALSE(text.body.contains("{}"));
    }
}

}  // namespace

}  // namespace sallyport::mail
