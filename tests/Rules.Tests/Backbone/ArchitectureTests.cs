using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Cli;
using BeschutWerk.Host;

namespace BeschutWerk.Rules.Tests.BackboneRules;

/// <summary>Who may know whom: services meet in the contracts, never in each other's code.</summary>
public sealed partial class ArchitectureTests
{
    private const string Prefix = "BeschutWerk.";
    private static readonly string[] Shared = ["Backbone", "Backbone.Store", "Contracts", "Sector"];

    private static readonly Assembly[] Ours =
        [.. Directory.EnumerateFiles(AppContext.BaseDirectory, Prefix + "*.dll").Where(file => !Path.GetFileName(file).Contains(".Tests", StringComparison.Ordinal)).Select(Assembly.LoadFrom)];

    private static IEnumerable<Assembly> Services => Ours.Where(assembly => !Shared.Append("Host").Append("Identity").Contains(NameOf(assembly.GetName())));

    [Fact]
    public void Everything_of_the_host_is_looked_at() =>
        Assert.Subset(Ours.Select(assembly => NameOf(assembly.GetName())).ToHashSet(), ReferencesOf(typeof(PlatformHost).Assembly).ToHashSet());

    [Fact]
    public void No_service_knows_another()
    {
        Assert.True(Services.Count() >= 5);
        Assert.All(Services, service => Assert.Empty(ReferencesOf(service).Except(Shared)));
    }

    [Fact]
    public void The_backbone_knows_no_domain_and_the_token_server_nobody()
    {
        Assert.Equal(["Contracts"], ReferencesOf(Named("Backbone.Store")));
        Assert.Equal(["Backbone.Store", "Contracts"], ReferencesOf(Named("Backbone")).Order());
        Assert.Empty(ReferencesOf(Named("Sector")).Except(["Backbone", "Backbone.Store", "Contracts"]));
        Assert.Empty(ReferencesOf(Named("Contracts")));
        Assert.Empty(ReferencesOf(Named("Identity")));
    }

    /// <summary>Words of the law and of the organisations. What the store takes from the contracts by their name is no word of its own.</summary>
    [Fact]
    public void A_store_knows_no_word_of_the_sector()
    {
        var files = Directory.GetFiles(Repository.Under("services/Backbone/Store"), "*.*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".md", StringComparison.Ordinal)).ToList();
        Assert.True(files.Count > 40);
        Assert.Empty(files.SelectMany(file => File.ReadLines(file).Where(line => SectorWord().IsMatch(ContractName().Replace(line, ""))).Select(line => $"{Path.GetFileName(file)}: {line.Trim()}")));
    }

    [GeneratedRegex(@"municipalit|gemeente|\bbsn|placement|\buwv|citizen|cedris|sw-compan|swcompan|\bsheltered|participatiewet|\badvice-|\bknowledge\b|\binsight", RegexOptions.IgnoreCase)]
    private static partial Regex SectorWord();

    [GeneratedRegex("""ErrorReason\.MunicipalityNotFound, "No such municipality\."|Gemeentecode""")]
    private static partial Regex ContractName();

    [Fact]
    public void The_backbone_reads_contracts_of_municipalities_only_to_know_who_takes_part()
    {
        // It follows TenantRegistered and asks GetTenant; a second domain in it would be a leak.
        var text = Named("Backbone").GetTypes().SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .SelectMany(method => method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType.Namespace) ?? [])
            .Where(space => space?.StartsWith("BeschutWerk.Contracts.", StringComparison.Ordinal) == true).Distinct().Order();
        Assert.Subset(new HashSet<string?> { "BeschutWerk.Contracts.Backbone", "BeschutWerk.Contracts.Municipalities" }, text.ToHashSet());
    }

    [Fact]
    public void Only_the_backbone_knows_the_broker()
    {
        static bool Knows(Assembly assembly, string library) => assembly.GetReferencedAssemblies().Any(name => name.Name!.StartsWith(library, StringComparison.Ordinal));
        Assert.Equal(["Backbone"], Ours.Where(assembly => Knows(assembly, "RabbitMQ")).Select(assembly => NameOf(assembly.GetName())));
        Assert.Equal(["Backbone"], Ours.Where(assembly => Knows(assembly, "MassTransit")).Select(assembly => NameOf(assembly.GetName())));
    }

    [Fact]
    public void In_it_only_the_carriers_do_and_MassTransit_only_one()
    {
        const string carriers = "BeschutWerk.Backbone.Messaging.Carriers";
        var knowing = Named("Backbone").GetTypes().SelectMany(type => LibrariesOf(type).Select(library => (library, Space: Outermost(type).Namespace!))).ToList();
        Assert.Equal(
            [carriers + ".MassTransit"], knowing.Where(one => one.library.StartsWith("MassTransit", StringComparison.Ordinal)).Select(one => one.Space).Distinct());
        var ofRabbit = knowing.Where(one => one.library == "RabbitMQ.Client").Select(one => one.Space).Distinct().ToList();
        Assert.Contains(carriers + ".RabbitMq", ofRabbit);
        Assert.All(ofRabbit, space => Assert.StartsWith(carriers, space, StringComparison.Ordinal));
    }

    [Fact]
    public void The_bus_is_not_made_by_AddMassTransit_which_reports_its_usage()
    {
        using var backbone = new PEReader(File.OpenRead(Named("Backbone").Location));
        var metadata = backbone.GetMetadataReader();
        Assert.DoesNotContain("AddMassTransit", metadata.MemberReferences.Select(member => metadata.GetString(metadata.GetMemberReference(member).Name)));
    }

    [Fact]
    public void The_command_line_is_a_client_as_any_other()
    {
        Assert.Equal(["Backbone", "Backbone.Store", "Contracts"], ReferencesOf(typeof(Bw).Assembly).Order());
        // Of the Backbone only what clients need: channels, tokens, and how events and refusals are written.
        using var program = new PEReader(File.OpenRead(typeof(Bw).Assembly.Location));
        var metadata = program.GetMetadataReader();
        var used = metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Where(type => type.ResolutionScope.Kind == HandleKind.AssemblyReference
                && metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name) .StartsWith(Prefix + "Backbone", StringComparison.Ordinal))
            .Select(type => metadata.GetString(type.Name)).ToHashSet();
        Assert.Empty(used.Except(["AccessTokens", "CloudEventJson", "Dates", "Days", "EventType", "EventTypes", "Ids", "PlatformChannel", "PlatformServices", "RefusalStatus", "TenantId", "UnknownVersionException"]));
    }

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    /// <summary>Where the types come from of which a type is made: what it inherits, holds, takes, returns and works with.</summary>
    private static IEnumerable<string> LibrariesOf(Type type)
    {
        const BindingFlags own = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var methods = type.GetMethods(own).Cast<MethodBase>().Concat(type.GetConstructors(own)).ToList();
        return type.GetInterfaces().Append(type.BaseType).Concat(type.GetFields(own).Select(field => field.FieldType))
            .Concat(methods.SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType)))
            .Concat(methods.OfType<MethodInfo>().Select(method => method.ReturnType))
            .Concat(methods.SelectMany(method => method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? []))
            .OfType<Type>().SelectMany(used => used.GenericTypeArguments.Append(used)).Select(used => used.Assembly.GetName().Name!).Distinct();
    }

    private static Assembly Named(string name) => Ours.Single(assembly => NameOf(assembly.GetName()) == name);

    private static string NameOf(AssemblyName name) => name.Name![Prefix.Length..];

    private static IEnumerable<string> ReferencesOf(Assembly assembly) =>
        assembly.GetReferencedAssemblies().Where(name => name.Name!.StartsWith(Prefix, StringComparison.Ordinal)).Select(NameOf);
}
