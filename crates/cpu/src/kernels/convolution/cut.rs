//! How the images of a convolution are cut into parts, by extents alone.

use std::ops::Range;

/// A part of a stack of images: whole images, or whole lines of one plane of one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) images: Range<usize>,
    pub(super) planes: Range<usize>,
    pub(super) lines: Range<usize>,
}

/// A cut of `images` images of `planes` planes of `lines` lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    images: usize,
    planes: usize,
    lines: usize,
    /// How many groups of images there are; as many as images where planes are cut too.
    image_parts: usize,
    plane_parts: usize,
    line_parts: usize,
}

/// Multiply-adds of a part: some ten microseconds of work.
const PART_WORK: usize = 1 << 20;

/// Elements of the input of a part: what stays in the second-level cache beside the rest.
const PART_ELEMENTS: usize = 1 << 16;

/// Fewer output positions than this do not pay for packing the kernel.
const LEAST_POSITIONS: usize = 128;

impl Cut {
    /// A cut into parts of about equal work, given the positions and the multiply-adds of an output line, and the input
    /// elements of an image.
    pub(super) fn new(
        images: usize,
        planes: usize,
        (lines, positions): (usize, usize),
        line_work: usize,
        elements: usize,
    ) -> Self {
        let whole = Self {
            images,
            planes,
            lines,
            image_parts: 1,
            plane_parts: 1,
            line_parts: 1,
        };
        if images * planes * lines == 0 {
            return whole;
        }
        let image_work = line_work.saturating_mul(planes * lines);
        let image_positions = (planes * lines).saturating_mul(positions);
        let is_small = image_work <= 4 * PART_WORK || image_positions < 2 * LEAST_POSITIONS;
        if is_small && elements <= 2 * PART_ELEMENTS {
            let by_work = image_work.saturating_mul(images).div_ceil(PART_WORK);
            let by_elements = elements.saturating_mul(images).div_ceil(PART_ELEMENTS);
            // Powers of two divide best among threads.
            let most = images
                .saturating_mul(image_positions)
                .div_ceil(LEAST_POSITIONS)
                .clamp(1, images);
            let parts = by_work
                .max(by_elements)
                .max(1)
                .next_power_of_two()
                .min(most);
            return Self {
                image_parts: parts,
                ..whole
            };
        }
        let plane_work = line_work.saturating_mul(lines);
        let by_work = plane_work.div_ceil(2 * PART_WORK);
        let by_elements = (elements / planes).div_ceil(PART_ELEMENTS);
        let most = (lines.saturating_mul(positions) / LEAST_POSITIONS).clamp(1, lines);
        let line_parts = by_work.max(by_elements).clamp(1, most);
        Self {
            image_parts: images,
            plane_parts: planes,
            line_parts,
            ..whole
        }
    }

    /// How many parts there are.
    pub(super) fn parts(&self) -> usize {
        if self.images * self.planes * self.lines == 0 {
            return 0;
        }
        self.image_parts * self.plane_parts * self.line_parts
    }

    /// Parts are numbered in the order of memory.
    pub(super) fn part(&self, part: usize) -> Part {
        let line_part = part % self.line_parts;
        let plane_part = part / self.line_parts % self.plane_parts;
        let image_part = part / self.line_parts / self.plane_parts;
        Part {
            images: nth_part(self.images, self.image_parts, image_part),
            planes: nth_part(self.planes, self.plane_parts, plane_part),
            lines: nth_part(self.lines, self.line_parts, line_part),
        }
    }

    /// The most images, planes and lines of a part.
    pub(super) fn largest(&self) -> [usize; 3] {
        [
            self.images.div_ceil(self.image_parts),
            self.planes.div_ceil(self.plane_parts),
            self.lines.div_ceil(self.line_parts),
        ]
    }
}

/// One of `parts` nearly equal parts of `0..length`.
pub(super) fn nth_part(length: usize, parts: usize, part: usize) -> Range<usize> {
    length * part / parts..length * (part + 1) / parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_every_line_once_and_in_order() {
        for (images, planes, lines) in [(1, 1, 1), (5, 3, 7), (32, 1, 26), (2, 4, 100), (0, 1, 3)] {
            for work in [1, 10_000, 1_000_000, 100_000_000] {
                for elements in [1, 50_000, 1_000_000] {
                    let cut = Cut::new(images, planes, (lines, 9), work, elements);
                    let mut covered = Vec::new();
                    for part in (0..cut.parts()).map(|part| cut.part(part)) {
                        let [most_images, most_planes, most_lines] = cut.largest();
                        assert!(part.images.len() <= most_images);
                        assert!(part.planes.len() <= most_planes);
                        assert!(part.lines.len() <= most_lines);
                        for image in part.images {
                            for plane in part.planes.clone() {
                                let lines = part.lines.clone();
                                covered.extend(lines.map(|line| (image * planes + plane, line)));
                            }
                        }
                    }
                    let expected: Vec<_> = (0..images * planes)
                        .flat_map(|plane| (0..lines).map(move |line| (plane, line)))
                        .collect();
                    assert_eq!(covered, expected);
                }
            }
        }
    }
}
