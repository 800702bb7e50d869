#pragma once

namespace parc::app {

// The whole of parcd. The process's exit code.
int Main(int argc, const char* const* argv);

}  // namespace parc::app
