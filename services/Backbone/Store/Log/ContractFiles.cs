using System.Reflection;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Backbone.Store;

/// <summary>The proto files of the platform, as compiled into the contracts.</summary>
public static class ContractFiles
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<FileDescriptor> All { get; } =
        [.. typeof(CloudEvent).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: true, IsSealed: true } && type.Name.EndsWith("Reflection", StringComparison.Ordinal))
            .Select(type => type.GetProperty("Descriptor", BindingFlags.Public | BindingFlags.Static)?.GetValue(null))
            .OfType<FileDescriptor>()];
}
