#include "domain/directory/shared_name.h"

#include <doctest/doctest.h>

namespace sallyport::directory {

namespace {

TEST_CASE("names of places, teams and jobs are nobody's") {
    for (const auto* name :
         {"ward",
          "ward3",
          "ward-3b",
          "icu-desk",
          "nurses",
          "night.nurse",
          "er_triage_2",
          "kiosk01",
          "station.4",
          "notaufnahme",
          "admin",
          "dr",
          "team-a"}) {
        CAPTURE(name);
        CHECK(is_shared_name(name));
    }
}

TEST_CASE("whoever is named is somebody, whatever else the name says") {
    for (const auto* name :
         {"erik",
          "j.ward",
          "erik.ward",
          "dr.lena.falk",
          "nurse.joy",
          "nurseryan",
          "ward3-erik",
          "e4711",
          "p.hill@example.org",
          "a1"}) {
        CAPTURE(name);
        CHECK_FALSE(is_shared_name(name));
    }
}

}  // namespace

}  // namespace sallyport::directory
