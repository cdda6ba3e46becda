// tidy: not an item
//! Where the channels of an image stand.

use hornblende_core::{Error, Result, Tensor};

use crate::config::Config;

/// Where the channels stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum DataFormat {
    /// `[batch, spatial.., channels]`.
    #[default]
    ChannelsLast,
    /// `[batch, channels, spatial..]`.
    ChannelsFirst,
}

impl DataFormat {
    pub(crate) fn from_name(name: &str) -> Result<Self> {
        match name {
            "channels_last" => Ok(Self::ChannelsLast),
            "channels_first" => Ok(Self::ChannelsFirst),
            _ => {
                let known = ["channels_last", "channels_first"];
                Err(Error::unknown("data_format", name, &known))
            }
        }
    }

    pub(crate) fn from_config(config: &Config) -> Result<Self> {
        match config.text("data_format")? {
            Some(name) => Self::from_name(&name),
            None => Ok(Self::default()),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ChannelsLast => "channels_last",
            Self::ChannelsFirst => "channels_first",
        }
    }

    /// The axis of the channels, counted from the end of a tensor of this rank.
    pub(crate) fn channel_axis(self, rank: usize) -> isize {
        match self {
            Self::ChannelsLast => -1,
            Self::ChannelsFirst => 1 - rank as isize,
        }
    }

    /// The first spatial axis.
    pub(crate) fn first_spatial_axis(self) -> usize {
        match self {
            Self::ChannelsLast => 1,
            Self::ChannelsFirst => 2,
        }
    }

    /// The tensor with its channels last.
    pub(crate) fn to_channels_last(self, x: &Tensor) -> Tensor {
        let rank = x.rank();
        if self == Self::ChannelsLast || rank < 3 {
            return x.clone();
        }
        let axes: Vec<usize> = [0].into_iter().chain(2..rank).chain([1]).collect();
        x.transpose(axes)
    }

    /// The tensor, whose channels are last, as this format wants it.
    pub(crate) fn of_channels_last(self, x: &Tensor) -> Tensor {
        let rank = x.rank();
        if self == Self::ChannelsLast || rank < 3 {
            return x.clone();
        }
        let axes: Vec<usize> = [0, rank - 1].into_iter().chain(1..rank - 1).collect();
        x.transpose(axes)
    }
}
