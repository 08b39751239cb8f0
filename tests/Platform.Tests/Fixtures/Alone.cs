namespace BeschutWerk.Platform.Tests.Fixtures;

/// <summary>Tests that need the machine for themselves, after all others: they load it, wait for a broker that starts, or measure memory.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
