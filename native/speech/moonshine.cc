#include "speech/moonshine.h"

#include <algorithm>

#include "core/error.h"

namespace vigil {

namespace {

TensorView Flag(const char* name, uint8_t& value) {
  TensorView view;
  view.name = name;
  view.type = onnx::ElementType::kBool;
  view.data = &value;
  view.bytes = 1;
  view.shape[0] = 1;
  view.rank = 1;
  return view;
}

}  // namespace

Moonshine::Moonshine(const std::shared_ptr<OnnxLibrary>& library, const MoonshineFiles& files,
                     MoonshineSize size)
    : size_(size),
      encoder_(library, files.encoder),
      decoder_(library, files.decoder),
      vocabulary_(Vocabulary::Load(files.vocabulary)) {
  if (vocabulary_.width() != size_.width()) {
    throw Error("MODEL_INVALID",
                "Expected a vocabulary of width " + std::to_string(size_.width()) + " but " +
                    files.vocabulary + " has " + std::to_string(vocabulary_.width()) + ".",
                "Use the files of one model size.");
  }
  for (size_t layer = 0; layer < size_.layers; ++layer) {
    for (const char* part : {"key", "value"}) {
      const std::string number = std::to_string(layer);
      Memory memory;
      memory.pastDecoder = "past_key_values." + number + ".decoder." + part;
      memory.pastEncoder = "past_key_values." + number + ".encoder." + part;
      memory.presentDecoder = "present." + number + ".decoder." + part;
      memory.presentEncoder = "present." + number + ".encoder." + part;
      memory_.push_back(std::move(memory));
    }
  }
  unused_.assign(size_.width() * kMostRows, 0);
}

size_t Moonshine::EncodedLength(size_t samples) {
  const auto convolved = [](size_t length, size_t kernel, size_t stride) {
    return length < kernel ? 0 : (length - kernel) / stride + 1;
  };
  return convolved(convolved(convolved(samples, 127, 64), 7, 3), 3, 2);
}

void Moonshine::Encode(std::span<const float> samples) {
  if (samples.size() < kFewestSamples || samples.size() > kMostSamples) {
    throw Error("INVALID_ARGUMENT", "Expected 0.1 to 30 s of speech at 16 kHz but received " +
                                        std::to_string(samples.size()) + " samples.");
  }
  samples_.assign(samples.begin(), samples.end());
  encodedLength_ = EncodedLength(samples.size());
  encoded_.resize(encodedLength_ * size_.width());
  const TensorView input = FloatTensor("input_values", samples_, {1, static_cast<int64_t>(samples_.size())});
  const TensorView output =
      FloatTensor("last_hidden_state", encoded_,
                  {1, static_cast<int64_t>(encodedLength_), static_cast<int64_t>(size_.width())});
  encoder_.Run({&input, 1}, {&output, 1});
}

void Moonshine::First(std::span<float> logits) {
  const auto width = static_cast<int64_t>(size_.width());
  const auto heads = static_cast<int64_t>(size_.heads);
  const auto headWidth = static_cast<int64_t>(size_.headWidth);
  const auto heard = static_cast<int64_t>(encodedLength_);
  embeddings_.resize(size_.width());
  hidden_.resize(size_.width());
  vocabulary_.Embed(kBegin, embeddings_);
  useCache_ = 0;
  inputs_.clear();
  outputs_.clear();
  inputs_.push_back(FloatTensor("embeddings", embeddings_, {1, 1, width}));
  inputs_.push_back(FloatTensor("encoder_hidden_states", encoded_, {1, heard, width}));
  inputs_.push_back(Flag("use_cache_branch", useCache_));
  outputs_.push_back(FloatTensor("hidden", hidden_, {1, 1, width}));
  const std::span<float> nothing(unused_.data(), 0);
  for (Memory& memory : memory_) {
    memory.saidNext.resize(size_.width());
    memory.heard.resize(encodedLength_ * size_.width());
    for (const std::string* name : {&memory.pastDecoder, &memory.pastEncoder})
      inputs_.push_back(FloatTensor(name->c_str(), nothing, {0, heads, 1, headWidth}));
    outputs_.push_back(FloatTensor(memory.presentDecoder.c_str(), memory.saidNext, {1, heads, 1, headWidth}));
    outputs_.push_back(
        FloatTensor(memory.presentEncoder.c_str(), memory.heard, {1, heads, heard, headWidth}));
  }
  decoder_.Run(inputs_, outputs_);
  saidLength_ = 1;
  rows_ = 1;
  vocabulary_.Logits(hidden_, logits);
}

void Moonshine::Next(std::span<const int32_t> tokens, std::span<const int32_t> parents,
                     std::span<float> logits) {
  const size_t rows = tokens.size();
  if (rows == 0 || rows > kMostRows || parents.size() != rows || saidLength_ == 0 ||
      std::any_of(parents.begin(), parents.end(),
                  [this](int32_t p) { return p < 0 || static_cast<size_t>(p) >= rows_; })) {
    throw Error("INVALID_ARGUMENT", "Expected 1 to " + std::to_string(kMostRows) +
                                        " tokens, each after a row of the step before.");
  }
  const auto batch = static_cast<int64_t>(rows);
  const auto width = static_cast<int64_t>(size_.width());
  const auto heads = static_cast<int64_t>(size_.heads);
  const auto headWidth = static_cast<int64_t>(size_.headWidth);
  const auto said = static_cast<int64_t>(saidLength_);
  embeddings_.resize(rows * size_.width());
  hidden_.resize(rows * size_.width());
  for (size_t i = 0; i < rows; ++i)
    vocabulary_.Embed(tokens[i], std::span(embeddings_).subspan(i * size_.width(), size_.width()));
  useCache_ = 1;
  inputs_.clear();
  outputs_.clear();
  inputs_.push_back(FloatTensor("embeddings", embeddings_, {batch, 1, width}));
  // Read by the first step only.
  inputs_.push_back(FloatTensor("encoder_hidden_states", std::span(unused_).first(rows * size_.width()),
                                {batch, 1, width}));
  inputs_.push_back(Flag("use_cache_branch", useCache_));
  outputs_.push_back(FloatTensor("hidden", hidden_, {batch, 1, width}));
  const size_t row = saidLength_ * size_.width();
  for (Memory& memory : memory_) {
    memory.said.resize(rows * row);
    for (size_t i = 0; i < rows; ++i) {
      const float* parent = memory.saidNext.data() + static_cast<size_t>(parents[i]) * row;
      std::copy_n(parent, row, memory.said.data() + i * row);
    }
    memory.saidNext.resize(rows * (row + size_.width()));
    inputs_.push_back(FloatTensor(memory.pastDecoder.c_str(), memory.said, {batch, heads, said, headWidth}));
    // One row for all: what was heard is the same, and the product with it is spread over the rows.
    inputs_.push_back(FloatTensor(memory.pastEncoder.c_str(), memory.heard,
                                  {1, heads, static_cast<int64_t>(encodedLength_), headWidth}));
    outputs_.push_back(
        FloatTensor(memory.presentDecoder.c_str(), memory.saidNext, {batch, heads, said + 1, headWidth}));
  }
  decoder_.Run(inputs_, outputs_);
  ++saidLength_;
  rows_ = rows;
  vocabulary_.Logits(hidden_, logits);
}

}  // namespace vigil
