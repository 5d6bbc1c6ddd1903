// Fills a database, made and closed by a server, with accounts through the store's own API: person,
// account, passphrase, and the audit events of both. For bench/house.
//
//   seed_accounts DATABASE COUNT
#include "base/core/moment.h"
#include "base/crypto/password_hash.h"
#include "base/store/database.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator_store.h"
#include "domain/directory/account.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using namespace sallyport;

audit::Actor seeder() {
    audit::Actor actor;
    actor.who.system = "bench";
    actor.where = {
        .source = "local", .channel = "system", .workstation = "unregistered", .zone = "unzoned"
    };
    return actor;
}

void add_account(
    store::Tx& tx, const Moment& moment, std::size_t number, const std::string& verifier
) {
    const directory::NewAccount wanted{
        .login_name = directory::LoginName::parse("person." + std::to_string(number)).value(),
        .display_name = "Person " + std::to_string(number),
        .role = "engineer",
        .scope = "gateway",
        .person = std::nullopt,
    };
    const auto account = directory::create_account(tx, wanted, std::nullopt, moment).value();
    directory::set_account_state(tx, account.id, directory::AccountState::active);
    const auto passphrase = AuthenticatorId::fresh(moment.now, moment.random);
    authn::insert_authenticator(
        tx,
        moment,
        {.id = passphrase,
         .account = account.id,
         .kind = authn::AuthenticatorKind::passphrase,
         .state = authn::AuthenticatorState::active,
         .bound_by = std::nullopt,
         .source = "enrolment"},
        seeder()
    );
    authn::insert_verifier(tx, passphrase, verifier);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fputs("seed_accounts DATABASE COUNT\n", stderr);
        return 2;
    }
    const auto database = store::open_sqlite({.path = argv[1]});
    const std::size_t count = std::strtoull(argv[2], nullptr, 10);
    const SystemClock clock;
    crypto::SystemRandom random;
    const MomentSource moments(clock, random, "bench");
    const auto passphrase = crypto::Secret::random(16);
    const auto verifier =
        crypto::hash_password(passphrase, crypto::Secret::random(32), crypto::PasswordCost{});
    constexpr std::size_t batch = 2000;
    for (std::size_t first = 0; first < count; first += batch) {
        database->write([&](store::Tx& tx) {
            const auto moment = moments.now();
            for (auto i = first; i < std::min(first + batch, count); ++i) {
                add_account(tx, moment, i, verifier);
            }
        });
    }
    std::printf("%zu accounts\n", count);
    return 0;
}
