#include "domain/audit/event.h"

#include <utility>

namespace sallyport::audit {

Actor system_actor(std::string part) {
    Actor actor;
    actor.who.system = std::move(part);
    actor.where.source = "local";
    actor.where.channel = "system";
    return actor;
}

Event event_by(const Actor& actor, std::string_view type, std::string action, std::string object) {
    Event event;
    event.type = type;
    event.who = actor.who;
    event.where = actor.where;
    event.action = std::move(action);
    event.object = std::move(object);
    event.reason = "ok";
    event.factor = actor.factor;
    event.session = actor.session;
    event.policy_version = actor.policy_version;
    return event;
}

}  // namespace sallyport::audit
