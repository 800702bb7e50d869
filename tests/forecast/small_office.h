#pragma once

#include "daemon/forecast/inputs.h"

// An office that a person can check: on 20 March 2020, 100 people need a laptop and 60 hold one;
// one supplier delivered ten lines of 10 in the two years before, each two weeks later than
// promised.
namespace parc::forecast::testing {

inline constexpr CivilDate kToday = {2020, 3, 20};

CivilDate On(int from_today);

Inputs SmallOffice();

// Adds an open line of `quantity`, ordered `ordered` and promised for `promised` days from today.
void AddOpenLine(Inputs& inputs, const std::string& id, int quantity, int ordered, int promised);

}  // namespace parc::forecast::testing
