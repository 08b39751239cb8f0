using BeschutWerk.Backbone;
using BeschutWerk.Municipalities;

await ServiceProcess.RunAsync(args, "municipalities", builder => builder.AddMunicipalities(), routes => routes.MapMunicipalities());
