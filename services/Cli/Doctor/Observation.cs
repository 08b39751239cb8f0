using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Cli.Doctor;

/// <summary>What could be seen of one service.</summary>
/// <param name="Service">Service name.</param>
/// <param name="Address">Where it was asked.</param>
/// <param name="Health">gRPC health of its stores, such as SERVING; null when nothing answered.</param>
/// <param name="Broker">gRPC health of its broker; null when it uses none, or nothing answered.</param>
/// <param name="Status">How it stands; null when it did not say.</param>
/// <param name="Skew">How far its clock is ahead of this machine's.</param>
/// <param name="Failure">Why it did not say how it stands.</param>
internal sealed record Observation(string Service, Uri Address, string? Health, string? Broker, GetStatusResponse? Status, TimeSpan? Skew, Failure? Failure);

/// <summary>Something that is not as it should be.</summary>
/// <param name="Code">What kind of thing; README.md lists them.</param>
/// <param name="Where">Service, store or address.</param>
/// <param name="Cause">What was found, as a sentence.</param>
/// <param name="Remedy">What to do, as a sentence.</param>
internal sealed record Finding(string Code, string Where, string Cause, string Remedy);
