#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vigil::test {

/// Just enough protobuf to write ONNX models of one operator by hand: field numbers are onnx.proto's.
class OnnxBytes {
 public:
  OnnxBytes& Integer(int field, uint64_t value) {
    Varint(static_cast<uint64_t>(field) << 3);
    Varint(value);
    return *this;
  }
  OnnxBytes& Text(int field, const std::string& value) {
    Varint(static_cast<uint64_t>(field) << 3 | 2);
    Varint(value.size());
    bytes_ += value;
    return *this;
  }
  OnnxBytes& Message(int field, const OnnxBytes& value) { return Text(field, value.bytes_); }
  const std::string& str() const { return bytes_; }

 private:
  void Varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

/// A tensor's declaration (ValueInfoProto); a dimension of 0 becomes a named, dynamic one.
inline OnnxBytes TensorDeclaration(const std::string& name, int elementType,
                                   const std::vector<int64_t>& shape) {
  OnnxBytes dimensions;
  for (const int64_t size : shape) {
    dimensions.Message(
        1, size > 0 ? OnnxBytes().Integer(1, static_cast<uint64_t>(size)) : OnnxBytes().Text(2, "n"));
  }
  const OnnxBytes tensor = OnnxBytes().Integer(1, static_cast<uint64_t>(elementType)).Message(2, dimensions);
  return OnnxBytes().Text(1, name).Message(2, OnnxBytes().Message(1, tensor));
}

/// A model of one operator `y = op(inputs...)`, all tensors of one element type and shape.
inline std::string OneOperatorModel(const std::string& operatorName, const std::vector<std::string>& inputs,
                                    int elementType, const std::vector<int64_t>& shape) {
  OnnxBytes node;
  for (const std::string& input : inputs) node.Text(1, input);
  node.Text(2, "y").Text(4, operatorName);
  OnnxBytes graph;
  graph.Message(1, node).Text(2, "graph");
  for (const std::string& input : inputs) graph.Message(11, TensorDeclaration(input, elementType, shape));
  graph.Message(12, TensorDeclaration("y", elementType, shape));
  constexpr uint64_t kIrVersion = 8;
  constexpr uint64_t kOpset = 17;
  return OnnxBytes()
      .Integer(1, kIrVersion)
      .Message(7, graph)
      .Message(8, OnnxBytes().Integer(2, kOpset))
      .str();
}

}  // namespace vigil::test
