#pragma once

// Weights to and from plain safetensors files of either layout. Going out they carry in the metadata which layout it
// is (coil.layout) and the model's probe (coil.probe, runtime/model/probe.hpp), so that weights that come back in
// another order than they went out are found.

#include <optional>
#include <string>

#include "runtime/artifact/safetensors.hpp"
#include "runtime/layout/layout.hpp"
#include "runtime/model/model.hpp"

namespace coil {

// Equal models give equal files. RunError: bad_artifact where the model has no weights, usage as lay_out() has it.
TensorFile export_weights(const Model& model, Layout layout);

// The layout that the file says it has.
std::optional<Layout> layout_of(const TensorFile& file, const std::string& path);

// Reads such a file, or the tensors of a .coil file, whose checksum must be right then. RunError (io, bad_artifact).
TensorFile read_weights(const std::string& path);

enum class ProbeUse : std::uint8_t { check, ignore };

// Puts the file's tensors in the place of all of the model's weights. How far a training came is forgotten, and its
// moments; recipe, vocabulary and letters stay. Gives how far the model is from the file's probe, where that has one.
// RunError: bad_artifact naming every tensor that is missing, left over, of another shape or not finite, or where the
// model is not what the probe says; usage as lay_out() has it. The model is not to be used then.
std::optional<ProbeDifference> import_weights(const TensorFile& file, const std::string& path,
                                              Layout layout, ProbeUse use, Model& model);

}  // namespace coil
