#include "daemon/app/program.h"

int main(int argc, char** argv) { return parc::app::Main(argc, argv); }
