# Writes ${OUT}, a C++ file that holds the policy ${FILE} as a raw string literal.
file(READ ${FILE} toml)
file(WRITE ${OUT} "#include \"daemon/posture/policy_file.h\"\n\nnamespace parc::posture {\n\nstd::string_view DefaultPolicyText() {\n  return R\"toml(${toml})toml\";\n}\n\n}  // namespace parc::posture\n")
