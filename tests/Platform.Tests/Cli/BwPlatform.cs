using BeschutWerk.Platform.Tests.Municipalities;

namespace BeschutWerk.Platform.Tests.CliTests;

/// <summary>One small country for the commands that leave it in order.</summary>
[CollectionDefinition(nameof(BwPlatform))]
public sealed class BwPlatform : ICollectionFixture<MunicipalityPlatform>;
