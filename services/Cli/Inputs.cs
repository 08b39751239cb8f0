using System.CommandLine;
using System.CommandLine.Parsing;
using BeschutWerk.Backbone;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Backbone.Tenancy;

namespace BeschutWerk.Cli;

/// <summary>What several commands take, checked before anything is asked.</summary>
internal static class Inputs
{
    private const string Platform = "platform";

    /// <summary>A municipality.</summary>
    public static Argument<string> Municipality() => Checked(
        new Argument<string>("municipality") { Description = "GM code, such as GM0363." },
        code => TenantId.TryParse(code, out _), "is no municipality: write GM and four digits.");

    /// <summary>A municipality, or the word <c>platform</c>.</summary>
    public static Argument<string> Store() => Checked(
        new Argument<string>("municipality") { Description = "GM code, such as GM0363; or platform, for what belongs to no municipality." },
        code => code == Platform || TenantId.TryParse(code, out _), "is no store: write GM and four digits, or platform.");

    /// <summary>The same as contracts name it: the GM code, empty for the platform's.</summary>
    public static string CodeOf(string store) => store == Platform ? "" : store;

    /// <summary>The same as people name it.</summary>
    public static string NameOf(string code) => code.Length == 0 ? Platform : code;

    /// <summary>One service; Municipalities when none is said.</summary>
    public static Option<string> Service()
    {
        var option = new Option<string>("--service") { Description = "The service whose store is meant.", DefaultValueFactory = _ => PlatformServices.Names[0] };
        option.AcceptOnlyFromAmong([.. PlatformServices.Names]);
        return option;
    }

    /// <summary>One service; all of them when none is said.</summary>
    public static Option<string?> OneService()
    {
        var option = new Option<string?>("--service") { Description = "Only this service; otherwise every one that has a store of it." };
        option.AcceptOnlyFromAmong([.. PlatformServices.Names]);
        return option;
    }

    /// <summary>Those that are meant by <see cref="OneService"/>.</summary>
    public static IReadOnlyList<string> ServicesOf(string? one) => one is null ? PlatformServices.Names : [one];

    /// <summary>The key of a change, made once: the retries of this program, or of who runs it again with it, do it once.</summary>
    public static Option<string> RequestId()
    {
        var option = new Option<string>("--request-id") { Description = "Key of this change (UUID): with the same key it is done once. Made anew when not given.", DefaultValueFactory = _ => Ids.New().Text() };
        option.Validators.Add(result => Check(result, option.Name, id => Guid.TryParseExact(id, "D", out _), "is no key: write a UUID."));
        return option;
    }

    /// <summary>Why something is done; kept with it.</summary>
    public static Option<string> Reason() => new("--reason") { Description = "Why; it is kept. No personal data.", Required = true };

    /// <summary>Confirms without being asked.</summary>
    public static Option<bool> Yes() => new("--yes") { Description = "Do it without asking." };

    private static Argument<string> Checked(Argument<string> argument, Func<string, bool> fits, string fault)
    {
        argument.Validators.Add(result => Check(result, argument.Name, fits, fault));
        return argument;
    }

    private static void Check(SymbolResult result, string name, Func<string, bool> fits, string fault)
    {
        if (result.Tokens is [var token] && !fits(token.Value)) result.AddError($"{name}: {token.Value} {fault}");
    }
}
