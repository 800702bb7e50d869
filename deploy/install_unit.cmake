# parc_install_unit(TEMPLATE): installs a systemd unit. `cmake --install --prefix` may choose another prefix than the
# configuration did, so where the programs are is filled in then: @PARC_BINDIR@ and @PARC_SBINDIR@. DESTDIR is where the
# file goes, and never stands in it.
function(parc_install_unit template)
  cmake_path(ABSOLUTE_PATH template BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
  cmake_path(GET template STEM LAST_ONLY unit)  # parcd.service.in: parcd.service
  install(CODE "
    set(PARC_BINDIR \"${CMAKE_INSTALL_BINDIR}\")
    set(PARC_SBINDIR \"${CMAKE_INSTALL_SBINDIR}\")
    cmake_path(ABSOLUTE_PATH PARC_BINDIR BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\" NORMALIZE)
    cmake_path(ABSOLUTE_PATH PARC_SBINDIR BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\" NORMALIZE)
    configure_file(\"${template}\" \"${CMAKE_CURRENT_BINARY_DIR}/${unit}\" @ONLY)
    file(INSTALL \"${CMAKE_CURRENT_BINARY_DIR}/${unit}\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")
  ")
endfunction()
