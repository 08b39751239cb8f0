using System.Reflection;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Platform.Tests.BackboneTests;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.Messaging;

/// <summary>What we hold against MassTransit, which stays replaceable and silent.</summary>
public sealed class MassTransitTests(Broker broker) : BrokerTest(broker)
{
    [Fact]
    public void It_is_version_8_for_9_needs_a_licence() =>
        Assert.Equal(8, typeof(MassTransit.IBus).Assembly.GetName().Version!.Major);

    [Fact]
    public async Task It_reports_no_usage_to_its_makers()
    {
        var host = await StartOnBrokerAsync();
        // What would report is part of AddMassTransit.
        Assert.Null(host.Services.GetService<MassTransit.UsageTracking.IUsageTracker>());
    }

    [Fact]
    public void Only_the_RabbitMq_folder_knows_it()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Platform.sln"))) root = root.Parent!;
        var inside = Path.Combine("Backbone", "Messaging", "RabbitMq");
        var knowing = Directory.EnumerateFiles(Path.Combine(root.FullName, "services"), "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("MassTransit", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(knowing);
        Assert.All(knowing, file => Assert.Contains(inside, file, StringComparison.Ordinal));
    }

    [Fact]
    public void No_public_type_of_the_Backbone_shows_it()
    {
        var types = typeof(StoreContext).Assembly.GetExportedTypes();
        var shown = types.SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .SelectMany(member => member switch
            {
                MethodBase method => method.GetParameters().Select(parameter => parameter.ParameterType).Append((method as MethodInfo)?.ReturnType ?? typeof(void)),
                PropertyInfo property => [property.PropertyType],
                _ => Enumerable.Empty<Type>(),
            }).Concat(types.SelectMany(type => type.GetInterfaces().Append(type.BaseType ?? typeof(object))));
        Assert.DoesNotContain(shown, type => type.Assembly.GetName().Name!.StartsWith("MassTransit", StringComparison.Ordinal));
    }
}
