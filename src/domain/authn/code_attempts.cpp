#include "domain/authn/code_attempts.h"

#include "domain/authn/authn_events.h"
#include "domain/authn/throttle.h"

#include <optional>

namespace sallyport::authn {

namespace {

ThrottleSubject source_of(const audit::Where& where) {
    return {.name = {}, .source = source_bucket(where.source)};
}

}  // namespace

Result<void> charge_code_attempt(
    const audit::Repeats& repeats, store::Tx& tx, const Moment& moment, const audit::Where& where
) {
    const auto subject = source_of(where);
    const auto blocked = charge(tx, moment, ThrottleKind::ticket, subject);
    if (!blocked) return {};
    const auto nobody = actor_of(std::nullopt, where);
    write_throttled(repeats, tx, moment, nobody, ThrottleKind::ticket, subject.name, *blocked);
    return refuse(Refusal::throttled, "authn.throttled");
}

void settle_code_attempt(store::Tx& tx, const Moment& moment, const audit::Where& where) {
    settle(tx, moment, ThrottleKind::ticket, source_of(where));
}

}  // namespace sallyport::authn
