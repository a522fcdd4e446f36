#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "core/onnx_library.h"
#include "core/onnx_session.h"
#include "test/onnx_bytes.h"
#include "test/paths.h"

using vigil::Error;
using vigil::OnnxLibrary;
using vigil::OnnxSession;
using vigil::test::OneOperatorModel;
using vigil::test::OnnxRuntimeLibrary;
using vigil::test::TemporaryFile;

namespace {

constexpr int kFloat32 = 1;
constexpr int kString = 8;
constexpr int kFloat16 = 10;

std::shared_ptr<OnnxLibrary> Library() { return OnnxLibrary::Open(OnnxRuntimeLibrary()); }

/// The error that `body` throws; fails the test when it throws none.
template <class Body>
Error Caught(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error;
  }
  FAIL("expected an Error");
  return {"", ""};
}

bool Mentions(const Error& error, const std::string& text) {
  return std::string(error.what()).find(text) != std::string::npos;
}

Error LoadError(const std::string& model) {
  const TemporaryFile file(model);
  return Caught([&] { OnnxSession session(Library(), file.path()); });
}

}  // namespace

TEST_CASE("onnx library: missing") {
  const Error error = Caught([] { OnnxLibrary::Open("/nowhere/libonnxruntime.so.1"); });
  CHECK(error.code() == "ONNX_LIBRARY_MISSING");
  CHECK(Mentions(error, "/nowhere/libonnxruntime.so.1"));
  CHECK_FALSE(error.advice().empty());
}

TEST_CASE("onnx library: a file that is no shared library") {
  const TemporaryFile file("#!/bin/sh\n");
  const Error error = Caught([&] { OnnxLibrary::Open(file.path()); });
  CHECK(error.code() == "ONNX_LIBRARY_MISSING");
  CHECK(Mentions(error, file.path()));
}

TEST_CASE("onnx library: a shared library that is not ONNX Runtime") {
  const Error error = Caught([] { OnnxLibrary::Open("libm.so.6"); });
  CHECK(error.code() == "ONNX_LIBRARY_UNUSABLE");
  CHECK(Mentions(error, "OrtGetApiBase"));
  CHECK_FALSE(error.advice().empty());
}

TEST_CASE("onnx library: one without our interface version is named with its own version") {
  const Error error = Caught([] { OnnxLibrary::Open(VIGIL_OLD_ONNXRUNTIME); });
  CHECK(error.code() == "ONNX_LIBRARY_UNUSABLE");
  CHECK(Mentions(error, "0.0.7"));
  CHECK(Mentions(error, "17"));
  CHECK_FALSE(error.advice().empty());
}

TEST_CASE("onnx library: opened once, shared, and opened again after the last user") {
  auto first = Library();
  CHECK(first == Library());
  CHECK(first->version() == "1.27.0");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { CHECK(Library() == first); });
  for (std::thread& thread : threads) thread.join();
  first.reset();
  CHECK(Library()->version() == "1.27.0");
}

TEST_CASE("onnx session: adds") {
  const TemporaryFile file(OneOperatorModel("Add", {"a", "b"}, kFloat32, {1, 4}));
  OnnxSession session(Library(), file.path());
  REQUIRE(session.inputs().size() == 2);
  CHECK(session.inputs()[1].name == "b");
  CHECK(session.inputs()[1].shape == std::vector<int64_t>{1, 4});
  CHECK(session.inputs()[1].bytes.size() == 16);
  CHECK(std::string(vigil::ElementName(session.outputs()[0].type)) == "float32");
  const std::vector<int64_t> shape{1, 4};
  const auto a = session.FloatInput("a", shape);
  const auto b = session.FloatInput("b", shape);
  const auto y = session.FloatOutput("y", shape);
  for (int round = 0; round < 3; ++round) {
    for (size_t i = 0; i < 4; ++i) {
      a[i] = static_cast<float>(i) + static_cast<float>(round);
      b[i] = 0.5F;
    }
    session.Run();
    for (size_t i = 0; i < 4; ++i) CHECK(y[i] == static_cast<float>(i) + static_cast<float>(round) + 0.5F);
  }
}

TEST_CASE("onnx session: sessions in several threads at once") {
  const TemporaryFile file(OneOperatorModel("Add", {"a", "b"}, kFloat32, {1, 64}));
  const std::vector<int64_t> shape{1, 64};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      OnnxSession session(Library(), file.path());
      std::ranges::fill(session.FloatInput("a", shape), static_cast<float>(t));
      for (int i = 0; i < 50; ++i) {
        std::ranges::fill(session.FloatInput("b", shape), static_cast<float>(i));
        session.Run();
        CHECK(session.FloatOutput("y", shape)[63] == static_cast<float>(t + i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("onnx session: missing model") {
  const Error error = Caught([] { OnnxSession session(Library(), "/nowhere/model.onnx"); });
  CHECK(error.code() == "MODEL_MISSING");
  CHECK(Mentions(error, "/nowhere/model.onnx"));
  CHECK_FALSE(error.advice().empty());
  CHECK(Caught([] { OnnxSession session(Library(), "/tmp"); }).code() == "MODEL_MISSING");
}

TEST_CASE("onnx session: broken model files") {
  const std::string whole = OneOperatorModel("Add", {"a", "b"}, kFloat32, {1, 4});
  CHECK(LoadError("").code() == "MODEL_INVALID");
  CHECK(LoadError("this is text").code() == "MODEL_INVALID");
  CHECK(LoadError(whole.substr(0, whole.size() / 2)).code() == "MODEL_INVALID");
  const Error unknown = LoadError(OneOperatorModel("NoSuchOperator", {"a"}, kFloat32, {1, 4}));
  CHECK(unknown.code() == "MODEL_INVALID");
  CHECK(Mentions(unknown, "NoSuchOperator"));
  CHECK(Mentions(unknown, "1.27.0"));
  CHECK_FALSE(unknown.advice().empty());
}

TEST_CASE("onnx session: dynamic dimensions and foreign element types are refused by name") {
  const Error dynamic = LoadError(OneOperatorModel("Add", {"a", "b"}, kFloat32, {0, 4}));
  CHECK(dynamic.code() == "MODEL_SHAPE");
  CHECK(Mentions(dynamic, "'a'"));
  CHECK(Mentions(dynamic, "[-1,4]"));
  CHECK(LoadError(OneOperatorModel("Identity", {"a"}, kString, {1, 4})).code() == "MODEL_SHAPE");
  CHECK(LoadError(OneOperatorModel("Identity", {"a"}, kFloat16, {1, 4})).code() == "MODEL_SHAPE");
}

TEST_CASE("onnx session: a wrong name or shape says what was expected and what is there") {
  const TemporaryFile file(OneOperatorModel("Identity", {"a"}, kFloat32, {1, 4}));
  OnnxSession session(Library(), file.path());
  const std::vector<int64_t> right{1, 4};
  const std::vector<int64_t> wrong{4};
  CHECK_NOTHROW(session.FloatInput("a", right));
  const Error name = Caught([&] { session.FloatInput("image", right); });
  CHECK(name.code() == "MODEL_SHAPE");
  CHECK(Mentions(name, "'image'"));
  const Error shape = Caught([&] { session.FloatOutput("y", wrong); });
  CHECK(shape.code() == "MODEL_SHAPE");
  CHECK(Mentions(shape, "[4]"));
  CHECK(Mentions(shape, "[1,4]"));
}
