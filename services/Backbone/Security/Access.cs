using System.Collections.Frozen;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Security;

/// <summary>
/// Which kinds of organisation may call which RPC, which services, and which of them also while the municipality is suspended: the
/// <c>callers</c>, <c>caller_services</c> and <c>served_while_suspended</c> of every method of every contract. A method that declares no caller may
/// be called by nobody.
/// </summary>
public static class Access
{
    private static readonly FrozenDictionary<string, Rule> ByMethod = ContractFiles.All
        .SelectMany(file => file.Services)
        .SelectMany(service => service.Methods)
        .ToFrozenDictionary(
            method => $"/{method.Service.FullName}/{method.Name}",
            method => new Rule(
                method.File.Package.Split('.')[1],
                (method.GetOptions()?.GetExtension(RulesExtensions.Callers) ?? []).ToFrozenSet(),
                (method.GetOptions()?.GetExtension(RulesExtensions.CallerServices) ?? []).ToFrozenSet(),
                (method.GetOptions()?.GetExtension(RulesExtensions.ServedWhileSuspended) ?? []).ToFrozenSet(),
                method.GetOptions()?.GetExtension(RulesExtensions.Costly) ?? false,
                method.InputType.FindFieldByName("request_id") is null));

    /// <summary>The service that a method belongs to, such as <c>uwv</c>; <c>backbone</c> for what all services offer.</summary>
    public static string ServiceOf(string method) => ByMethod[method].Service;

    /// <summary>Whether a method is one of ours; others, such as health, are open.</summary>
    public static bool Knows(string method) => ByMethod.ContainsKey(method);

    /// <summary>Whether this caller may call the method: a service only where it is named.</summary>
    public static bool Allows(string method, Caller caller) =>
        ByMethod.TryGetValue(method, out var rule) && rule.Callers.Contains(caller.Kind)
        && (!caller.Is(OrganisationKind.Service) || rule.Services.Contains(caller.OrganisationId));

    /// <summary>Whether a call of the method may keep a processor busy for long.</summary>
    public static bool IsCostly(string method) => ByMethod.TryGetValue(method, out var rule) && rule.IsCostly;

    /// <summary>Whether a call of the method changes nothing: what changes something has a request_id.</summary>
    public static bool IsRead(string method) => ByMethod.TryGetValue(method, out var rule) && rule.IsRead;

    /// <summary>Whether the method serves this kind of organisation also while the municipality is suspended.</summary>
    public static bool ServesWhileSuspended(string method, OrganisationKind kind) =>
        ByMethod.TryGetValue(method, out var rule) && rule.ServedWhileSuspended.Contains(kind);

    private readonly record struct Rule(
        string Service, FrozenSet<OrganisationKind> Callers, FrozenSet<string> Services, FrozenSet<OrganisationKind> ServedWhileSuspended,
        bool IsCostly, bool IsRead);
}
