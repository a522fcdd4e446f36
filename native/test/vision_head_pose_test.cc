#include <doctest/doctest.h>

#include "test/vision_face.h"
#include "vision/head_pose.h"

using doctest::Approx;
using vigil::FitHeadPose;
using vigil::HeadPose;
using vigil::test::HeadRotation;
using vigil::test::Project;
using vigil::test::SyntheticFace;

TEST_CASE("head pose: recovers every turn of a grid, whatever the scale and place") {
  const auto face = SyntheticFace();
  for (const double yaw : {-60.0, -25.0, 0.0, 10.0, 45.0}) {
    for (const double pitch : {-40.0, -5.0, 0.0, 30.0}) {
      for (const double roll : {-35.0, 0.0, 20.0}) {
        for (const double scale : {3.0, 40.0}) {
          const auto rotation = HeadRotation(yaw, pitch, roll);
          const HeadPose pose = FitHeadPose(face, Project(face, rotation, scale, 317, -41));
          CHECK(std::abs(pose.yawDeg - yaw) < 1e-3);
          CHECK(std::abs(pose.pitchDeg - pitch) < 1e-3);
          CHECK(std::abs(pose.rollDeg - roll) < 1e-3);
          CHECK(pose.pixelsPerCm == Approx(scale).epsilon(1e-5));
          for (size_t i = 0; i < 9; ++i) CHECK(std::abs(pose.rotation[i] - rotation[i]) < 1e-5);
        }
      }
    }
  }
}

TEST_CASE("head pose: signs follow VSS on an unmirrored image") {
  const auto face = SyntheticFace();
  // A point in front of the face moves to image right when the driver turns to his left, and up when he looks
  // up; the driver's left side (image right) rises when he leans to his right.
  const HeadPose left = FitHeadPose(face, Project(face, HeadRotation(20, 0, 0), 10, 0, 0));
  CHECK(left.yawDeg > 19);
  CHECK(left.rotation[2] > 0);
  const HeadPose up = FitHeadPose(face, Project(face, HeadRotation(0, 20, 0), 10, 0, 0));
  CHECK(up.pitchDeg > 19);
  CHECK(up.rotation[5] > 0);
  const HeadPose leaning = FitHeadPose(face, Project(face, HeadRotation(0, 0, 20), 10, 0, 0));
  CHECK(leaning.rollDeg > 19);
  CHECK(leaning.rotation[3] > 0);
}

TEST_CASE("head pose: a pixel of noise moves it by less than a degree") {
  const auto face = SyntheticFace();
  std::mt19937 random(7);
  std::uniform_real_distribution<float> noise(-1, 1);
  for (int round = 0; round < 50; ++round) {
    auto points = Project(face, HeadRotation(15, -10, 5), 15, 320, 240);
    for (float& value : points) value += noise(random);
    const HeadPose pose = FitHeadPose(face, points);
    CHECK(std::abs(pose.yawDeg - 15) < 1);
    CHECK(std::abs(pose.pitchDeg + 10) < 1);
    CHECK(std::abs(pose.rollDeg - 5) < 1);
  }
}

TEST_CASE("head pose: only anchors count, by their weight") {
  auto face = SyntheticFace();
  auto points = Project(face, HeadRotation(12, 3, -8), 15, 320, 240);
  const HeadPose before = FitHeadPose(face, points);
  std::vector<bool> anchored(vigil::landmark::kBaseCount);
  for (const auto& anchor : face.anchors) anchored[anchor.index] = true;
  for (size_t i = 0; i < anchored.size(); ++i) {
    if (!anchored[i]) points[3 * i] += 100;
  }
  CHECK(FitHeadPose(face, points).rotation == before.rotation);
  for (auto& anchor : face.anchors) anchor.weight *= 8;  // a power of two: nothing is rounded
  CHECK(FitHeadPose(face, points).rotation == before.rotation);
  points[3 * face.anchors[0].index] += 30;
  CHECK(FitHeadPose(face, points).rotation != before.rotation);
}

TEST_CASE("head pose: points that all fall together give finite numbers") {
  const auto face = SyntheticFace();
  const HeadPose pose = FitHeadPose(face, std::vector<float>(vigil::landmark::kCount * 3, 5.0F));
  CHECK(std::isfinite(pose.yawDeg));
  CHECK(std::isfinite(pose.pitchDeg));
  CHECK(std::isfinite(pose.rollDeg));
  CHECK(pose.pixelsPerCm == Approx(0));
}
