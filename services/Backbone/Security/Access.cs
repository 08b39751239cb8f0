using System.Collections.Frozen;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Security;

/// <summary>
/// Which kinds of organisation may call which RPC: the <c>callers</c> of every method of every contract. A method that
/// declares none may be called by nobody.
/// </summary>
public static class Access
{
    private static readonly FrozenDictionary<string, FrozenSet<OrganisationKind>> ByMethod = Events.Contracts.Files
        .SelectMany(file => file.Services)
        .SelectMany(service => service.Methods)
        .ToFrozenDictionary(
            method => $"/{method.Service.FullName}/{method.Name}",
            method => (method.GetOptions()?.GetExtension(RulesExtensions.Callers) ?? []).ToFrozenSet());

    /// <summary>Whether a method is one of ours; others, such as health, are open.</summary>
    public static bool Knows(string method) => ByMethod.ContainsKey(method);

    /// <summary>Whether this kind of organisation may call the method.</summary>
    public static bool Allows(string method, OrganisationKind kind) =>
        ByMethod.TryGetValue(method, out var kinds) && kinds.Contains(kind);
}
