// Rules for counters and checksums, and frames: rules that contradict themselves are refused, and no frame,
// however short, is read beyond its end.
#include <fuzzer/FuzzedDataProvider.h>

#include "can/validity.h"
#include "core/error.h"
#include "test/fuzz/expect.h"

using vigil::Error;
using vigil::can::ValidityPlan;
using vigil::fuzz::Expect;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider input(bytes, size);
  std::vector<uint32_t> key, rules;
  std::vector<double> resyncMs;
  const auto field = [&input] {
    const uint32_t length = input.ConsumeIntegralInRange<uint32_t>(0, 33);
    return input.ConsumeIntegralInRange<uint32_t>(0, 520) | length << 16 |
           (input.ConsumeBool() ? 1u << 24 : 0);
  };
  const size_t messages = input.ConsumeIntegralInRange<size_t>(0, 3);
  for (size_t m = 0; m < messages; ++m) {
    key.push_back(static_cast<uint32_t>(m));
    resyncMs.push_back(100);
    const size_t first = rules.size();
    for (size_t word = 0; word < vigil::can::kRuleWords; ++word) {
      rules.push_back(input.ConsumeBool() ? input.ConsumeIntegralInRange<uint32_t>(0, 64) : 0);
    }
    rules[first + vigil::can::kKind] = input.ConsumeIntegralInRange<uint32_t>(0, vigil::can::kChecksumKinds);
    rules[first + vigil::can::kChecksumLow] = field();
    rules[first + vigil::can::kCounterLow] = field();
    if (input.ConsumeBool()) rules[first + vigil::can::kIdField] = field();
    if (input.ConsumeBool()) rules[first + vigil::can::kList] = 0xffffffff;
    if (input.ConsumeBool()) rules[first + vigil::can::kDataId] = input.ConsumeIntegral<uint32_t>();
  }
  if (input.ConsumeIntegralInRange(0, 15) == 1) rules.push_back(0);
  const auto lists = input.ConsumeBytes<uint8_t>(16 * input.ConsumeIntegralInRange<size_t>(0, 2));
  std::vector<double> t;
  std::vector<uint32_t> id, offset;
  std::vector<uint8_t> flags, channel, length;
  const int count = input.ConsumeIntegralInRange(0, 12);
  for (int i = 0; i < count; ++i) {
    t.push_back(i * 50.0);
    id.push_back(input.ConsumeIntegralInRange<uint32_t>(0, 3));
    flags.push_back(input.ConsumeIntegralInRange(0, 7) == 1 ? input.ConsumeIntegral<uint8_t>() : 0);
    channel.push_back(0);
    length.push_back(input.ConsumeIntegralInRange<uint8_t>(0, 65));
    offset.push_back(input.ConsumeIntegralInRange<uint32_t>(0, 40));
  }
  const uint32_t counter = input.ConsumeIntegral<uint8_t>();
  auto data = input.ConsumeRemainingBytes<uint8_t>();
  try {
    ValidityPlan plan({key, rules, resyncMs, lists}, -1);
    for (size_t m = 0; m < messages; ++m) {
      try {
        std::vector<uint8_t> payload(
            data.begin(), data.begin() + static_cast<ptrdiff_t>(std::min<size_t>(data.size(), 64)));
        plan.Protect(m, payload, counter);
      } catch (const Error& error) {
        Expect(error.code() == "INVALID_ARGUMENT", "errors have a known code");
      }
    }
    std::vector<uint8_t> verdicts(t.size(), 0xff);
    plan.Check({t, id, flags, channel, length, offset, data}, verdicts);
    for (const uint8_t verdict : verdicts)
      Expect(verdict < vigil::can::kVerdicts, "every frame has a verdict");
  } catch (const Error& error) {
    Expect(error.code() == "INVALID_ARGUMENT" || error.code() == "CAN_FRAMES_INVALID",
           "errors have a known code");
  }
  return 0;
}
