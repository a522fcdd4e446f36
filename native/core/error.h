#pragma once

#include <exception>
#include <string>
#include <utility>

namespace vigil {

/// The C++ side of the one error family: thrown inside our libraries, turned into a JavaScript error with the
/// same code at the Node-API boundary (napi_error.h). Never crosses that boundary as an exception.
class Error : public std::exception {
 public:
  /// `message` says what was expected and what came; `advice` says what to do.
  Error(std::string code, std::string message, std::string advice = "")
      : code_(std::move(code)), message_(std::move(message)), advice_(std::move(advice)) {}

  const char* what() const noexcept override { return message_.c_str(); }
  const std::string& code() const noexcept { return code_; }
  const std::string& advice() const noexcept { return advice_; }

 private:
  std::string code_;
  std::string message_;
  std::string advice_;
};

}  // namespace vigil
