#pragma once

#include "base/core/fault.h"

namespace sallyport::store {

// A uniqueness, foreign-key or check constraint was broken. Code that races for a name catches this
// one and refuses; it is the only store fault that is also an answer.
class ConstraintViolation final : public Fault {
public:
    using Fault::Fault;
};

// The database can't take this now: the bounded queue in front of it has no room, another process
// holds its lock, or its server is away. Nothing was done. Callers answer 503.
class Overloaded final : public Fault {
public:
    using Fault::Fault;
};

// The database was written by a newer Sallyport.
class SchemaTooNew final : public Fault {
public:
    using Fault::Fault;
};

// The disk is full. Nothing was done; reading goes on, and so does writing once there is room.
// Callers answer 503.
class StorageFull final : public Fault {
public:
    using Fault::Fault;
};

// The disk fails. Final for this process on SQLite: nothing more is acknowledged.
class StorageFailed final : public Fault {
public:
    using Fault::Fault;
};

}  // namespace sallyport::store
