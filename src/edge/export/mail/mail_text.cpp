#include "edge/export/mail/mail_text.h"

#include "edge/export/mail/notice_mail.h"
#include "edge/export/mail/words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>
#include <variant>

namespace sallyport::mail {

namespace {

constexpr Words happened_at{"When: {}", "Wann: {}"};
constexpr Words if_not_you{
    "If this wasn't you, or you did not expect it, sign in and say so under “Your security”:\n"
    "{}/security\n"
    "If you can't sign in, call your help desk.",
    "Wenn Sie das nicht waren oder es nicht erwartet haben, melden Sie sich an und sagen Sie es "
    "unter „Ihre Sicherheit“:\n"
    "{}/security\n"
    "Wenn Sie sich nicht anmelden können, rufen Sie Ihren Helpdesk an.",
};
constexpr Words from_a_program{
    "This mail was sent by a program. No one will ever ask you for your passphrase or a code by "
    "mail.",
    "Diese Mail kommt von einem Programm. Niemand wird Sie je per Mail nach Ihrer Passphrase oder "
    "einem Code fragen.",
};

constexpr Words code_subject{"Your recovery code", "Ihr Wiederherstellungscode"};
constexpr Words code_asked{
    "Somebody, most likely you, asked to recover an account with this mail address.",
    "Jemand, vermutlich Sie selbst, möchte ein Konto wiederherstellen, zu dem diese Mailadresse "
    "gehört.",
};
constexpr Words the_code{"The code is:\n\n    {}", "Der Code lautet:\n\n    {}"};
constexpr Words where_to_type{
    "Type it in here:\n{}/forgot/code", "Geben Sie ihn hier ein:\n{}/forgot/code"
};
constexpr Words code_ends{
    "It works once, until {}. If you use a second factor, you will need that too.",
    "Er gilt einmal, bis {}. Wenn Sie einen zweiten Faktor verwenden, brauchen Sie auch den.",
};
constexpr Words keep_the_code{
    "If you did not ask for it, do nothing: without the code nothing changes. Tell nobody the "
    "code; no one will ever ask you for it.",
    "Wenn Sie ihn nicht angefordert haben, tun Sie nichts: Ohne den Code ändert sich nichts. "
    "Verraten Sie den Code niemandem; niemand wird Sie je danach fragen.",
};

// Whoever begins to read in the wrong language is told at once.
constexpr Words below{"English: see below.", "Deutsch: siehe unten."};
constexpr std::string_view between_languages = "\n* * *\n\n";
constexpr std::string_view between_subjects = " / ";

std::string paragraphs(const std::vector<std::string>& texts) {
    return fmt::format("{}\n", fmt::join(texts, "\n\n"));
}

MailText text_in(Language language, const authn::PersonNotice& notice, const std::string& origin) {
    const auto& words = notice_mail(notice.kind);
    return {
        .subject = words.subject.in(language),
        .body = paragraphs({
            words.happened.in(language, notice.subject),
            happened_at.in(language, to_text(notice.written_at)),
            if_not_you.in(language, origin),
            from_a_program.in(language),
        }),
    };
}

MailText text_in(Language language, const authn::MailedCode& mailed, const std::string& origin) {
    return {
        .subject = code_subject.in(language),
        .body = paragraphs({
            code_asked.in(language),
            the_code.in(language, as_text(mailed.code.expose())),
            where_to_type.in(language, origin),
            code_ends.in(language, to_text(mailed.ends_at)),
            keep_the_code.in(language),
        }),
    };
}

}  // namespace

MailText mail_text(
    const authn::Mail& mail, const std::vector<Language>& languages, const std::string& origin
) {
    MailText all;
    for (const auto language : languages) {
        if (language != languages.front()) all.body += below.in(language) + "\n\n";
    }
    for (const auto language : languages) {
        const auto part = std::visit(
            [&](const auto& content) { return text_in(language, content, origin); }, mail.content
        );
        if (language != languages.front()) {
            all.subject += between_subjects;
            all.body += between_languages;
        }
        all.subject += part.subject;
        all.body += part.body;
    }
    return all;
}

}  // namespace sallyport::mail
