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

TEST_CASE("head pose: off the image's middle the line of sight is undone") {
  const vigil::CameraView view{640, 480, 60};
  CHECK(view.FocalPixels() == Approx(554.256));
  // In the middle nothing changes.
  const HeadPose middle = vigil::LineOfSight(view, 320, 240).ToCamera(HeadPose{});
  CHECK(std::abs(middle.yawDeg) < 1e-9);
  CHECK(std::abs(middle.pitchDeg) < 1e-9);
  // A face at the right edge that looks into the lens is turned to its right by half the field of view.
  const HeadPose edge = vigil::LineOfSight(view, 640, 240).ToCamera(HeadPose{});
  CHECK(edge.yawDeg == Approx(-30));
  CHECK(std::abs(edge.pitchDeg) < 1e-9);
  // One above the middle looks down to the lens; image rows run downwards.
  const HeadPose above = vigil::LineOfSight(view, 320, 240 - 554.256).ToCamera(HeadPose{});
  CHECK(above.pitchDeg == Approx(-45).epsilon(1e-5));
  double azimuth = 30, elevation = 0;
  vigil::LineOfSight(view, 640, 240).ToCamera(azimuth, elevation);
  CHECK(std::abs(azimuth) < 1e-9);
  CHECK(std::abs(elevation) < 1e-9);
}

TEST_CASE("head pose: a pinhole camera sees the same turn wherever the head is") {
  const auto face = SyntheticFace();
  const vigil::CameraView view{640, 480, 50};
  const double focal = view.FocalPixels();
  for (const double yaw : {-25.0, 0.0, 20.0}) {
    for (const double x : {-15.0, 0.0, 15.0}) {
      for (const double y : {-8.0, 8.0}) {
        // What a network that was taught weak perspective reports: the head turned against the line of sight.
        const double distance = 60;
        const double sightYaw = -std::atan2(x, distance) / vigil::test::kRadians;
        const double sightPitch = -std::atan2(y, std::hypot(x, distance)) / vigil::test::kRadians;
        const auto sight = HeadRotation(sightYaw, sightPitch, 0);
        const auto head = HeadRotation(yaw, 5, 0);
        vigil::test::Rotation relative{};
        for (size_t i = 0; i < 3; ++i) {
          for (size_t j = 0; j < 3; ++j) {
            for (size_t k = 0; k < 3; ++k) relative[3 * i + j] += sight[3 * k + i] * head[3 * k + j];
          }
        }
        const double px = 320 + focal * x / distance, py = 240 - focal * y / distance;
        HeadPose seen = FitHeadPose(face, Project(face, relative, 12, px, py));
        const HeadPose pose = vigil::LineOfSight(view, px, py).ToCamera(seen);
        // The anchors' mean is a little off the point that was placed.
        CHECK(std::abs(pose.yawDeg - yaw) < 0.1);
        CHECK(std::abs(pose.pitchDeg - 5) < 0.1);
        CHECK(std::abs(pose.rollDeg) < 0.1);
      }
    }
  }
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
