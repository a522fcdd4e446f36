#include <doctest/doctest.h>

#include <memory>

#include "test/vision_face.h"
#include "vision/face_detector.h"
#include "vision/face_mesh.h"

using doctest::Approx;
using vigil::Detection;
using vigil::FaceLandmarks;
using vigil::Region;
using vigil::RegionOf;
using vigil::test::kRadians;

TEST_CASE("region of a detection: centre of the box, 1.5 times its longer side, level with the eyes") {
  Detection detection;
  detection.left = 100;
  detection.right = 200;
  detection.top = 50;
  detection.bottom = 170;
  detection.eyeX[0] = 120;
  detection.eyeY[0] = 90;
  detection.eyeX[1] = 180;
  detection.eyeY[1] = 150;
  const Region region = RegionOf(detection);
  CHECK(region.centreX == Approx(150));
  CHECK(region.centreY == Approx(110));
  CHECK(region.size == Approx(180));
  CHECK(region.rotation == Approx(45 * kRadians));
}

TEST_CASE("region of landmarks: bounding box of the base points, level with the outer eye corners") {
  auto face = std::make_unique<FaceLandmarks>();
  for (size_t i = 0; i < vigil::landmark::kBaseCount; ++i) {
    face->base[3 * i] = 300;
    face->base[3 * i + 1] = 200;
  }
  const auto place = [&](size_t index, float x, float y) {
    face->base[3 * index] = x;
    face->base[3 * index + 1] = y;
  };
  place(10, 290, 120);   // highest
  place(152, 310, 280);  // lowest
  place(vigil::landmark::kRight.outer, 250, 210);
  place(vigil::landmark::kLeft.outer, 350, 190);
  // Refined points do not matter: the lids and irises must not move the region.
  face->points.fill(1000);
  const Region region = RegionOf(*face);
  CHECK(region.centreX == Approx(300));
  CHECK(region.centreY == Approx(200));
  CHECK(region.size == Approx(1.5 * 160));
  CHECK(region.rotation == Approx(std::atan2(-20.0, 100.0)));
}
